/* SPDX-License-Identifier: MIT */
/*
 * The context switch: to the C compiler an ordinary call, so that only the
 * registers that a call keeps are saved, on the stack that is left.
 */
	.section .text.switch, "ax", @progbits

/* void context_switch(uint64_t *save_sp, uint64_t load_sp) */
	.globl	context_switch
	.type	context_switch, @function
context_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.size	context_switch, . - context_switch

/*
 * Where a new thread's first switch returns to: rbx is its function, r12 the
 * argument, rsp its struct regs. The stack must be aligned at the calls.
 */
	.globl	thread_entry
	.type	thread_entry, @function
thread_entry:
	subq	$8, %rsp
	xorl	%ebp, %ebp
	call	sched_finish
	movq	%r12, %rdi
	call	*%rbx
	addq	$8, %rsp
	jmp	trap_return
	.size	thread_entry, . - thread_entry

	.section .note.GNU-stack, "", @progbits
