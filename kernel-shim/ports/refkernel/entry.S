/* SPDX-License-Identifier: MIT */
/*
 * The ways into the kernel and out of it. See regs.h and trap.h.
 *
 * Each way in completes a struct regs; the stack is then 8 off the 16 bytes'
 * alignment that a C call needs.
 */

#define SEL_USER_DS 0x2b
#define SEL_USER_CS 0x33

/* Offsets in struct regs. */
#define R_R11	    48
#define R_RCX	    88
#define R_ORIG_RAX  120
#define R_RIP	    128
#define R_CS	    136
#define R_RFLAGS    144
#define R_RSP	    152
#define R_SS	    160

#define RFLAGS_TF_RF 0x10100

#define CPU_KSTACK   this_cpu
#define CPU_USER_RSP this_cpu + 8

	/* The registers below RDI, from which the frame is complete. */
	.macro push_rest rax
	push %rsi
	push %rdx
	push %rcx
	push \rax
	push %r8
	push %r9
	push %r10
	push %r11
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	.endm

	.macro pop_regs
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rax
	pop %rcx
	pop %rdx
	pop %rsi
	pop %rdi
	.endm

	.section .text.entry, "ax", @progbits

/*
 * The system call instruction: RCX is the return address, R11 the flags, RSP
 * still user mode's. Interrupts are off and TF, DF, AC clear (SFMASK). RAX
 * starts out as -ENOSYS, which is what a tracer sees at the entry.
 */
	.globl syscall_entry
syscall_entry:
	mov %rsp, CPU_USER_RSP(%rip)
	mov CPU_KSTACK(%rip), %rsp
	push $SEL_USER_DS
	push CPU_USER_RSP(%rip)
	push %r11
	push $SEL_USER_CS
	push %rcx
	push %rax
	push %rdi
	push_rest $-38
	mov %rsp, %rdi
	xor %ebp, %ebp
	sub $8, %rsp
	call syscall_handle
	add $8, %rsp

/*
 * To user mode with the struct regs at RSP. SYSRET is quicker than IRET, but
 * cannot restore all: RIP and RFLAGS come from RCX and R11, TF and RF would be
 * honoured a moment too early or not at all, and a non-canonical RCX faults in
 * ring 0 with user mode's stack.
 */
	.globl trap_return
trap_return:
	mov %rsp, %rdi
	sub $8, %rsp
	call user_return
	add $8, %rsp

	mov R_RCX(%rsp), %rcx
	cmp R_RIP(%rsp), %rcx
	jne return_iret
	mov %rcx, %rdx
	shr $47, %rdx
	jnz return_iret
	mov R_R11(%rsp), %r11
	cmp R_RFLAGS(%rsp), %r11
	jne return_iret
	test $RFLAGS_TF_RF, %r11d
	jnz return_iret
	cmpq $SEL_USER_CS, R_CS(%rsp)
	jne return_iret
	cmpq $SEL_USER_DS, R_SS(%rsp)
	jne return_iret
	pop_regs
	mov R_RSP - R_ORIG_RAX(%rsp), %rsp
	sysretq

return_iret:
	pop_regs
	add $8, %rsp
	.globl iret_user
iret_user:
	iretq

/* Exceptions and interrupts: %edi is the vector, RDI is saved. */
trap_common:
	push_rest %rax
	cld
	cmpb $0, cpu_has_smap(%rip)
	je 1f
	clac
1:	mov %edi, %esi
	mov R_ORIG_RAX(%rsp), %rdx
	movq $-1, R_ORIG_RAX(%rsp)
	mov %rsp, %rdi
	xor %ebp, %ebp
	testb $3, R_CS(%rsp)
	jnz 2f
	cmpq $iret_user, R_RIP(%rsp)
	je bad_iret
	/* A backtrace goes on through the interrupted kernel function. */
	pushq R_RIP(%rsp)
	push 8 + 32(%rsp)		/* the saved RBP */
	mov %rsp, %rbp
	sub $8, %rsp
	call trap_handle
	add $24, %rsp
	pop_regs
	add $8, %rsp
	iretq
2:	sub $8, %rsp
	call trap_handle
	add $8, %rsp
	jmp trap_return

/*
 * IRET refused what it was to load. The fault is the user mode's that it was
 * to return to: the five words are still at the top of the stack, and the
 * registers, which had been loaded already, move up to them.
 */
bad_iret:
	mov CPU_KSTACK(%rip), %rdi
	sub $R_SS + 8, %rdi
	.irp n, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
	mov \n * 8(%rsp), %rax
	mov %rax, \n * 8(%rdi)
	.endr
	movq $-1, R_ORIG_RAX(%rdi)
	mov %rdi, %rsp
	sub $8, %rsp
	call trap_handle
	add $8, %rsp
	jmp trap_return

/*
 * #DB has a stack of its own, since it can hit the first instruction of
 * syscall_entry, where RSP is user mode's (MOV SS delays it, SDM 3A 6.8.3).
 * From user mode it goes on at the usual place.
 */
debug_entry:
	testb $3, 8(%rsp)
	jz 1f
	push %rax
	mov CPU_KSTACK(%rip), %rax
	sub $40, %rax
	.irp off, 0, 8, 16, 24, 32
	pushq 8 + \off(%rsp)
	popq \off(%rax)
	.endr
	mov %rax, CPU_USER_RSP(%rip)
	pop %rax
	mov CPU_USER_RSP(%rip), %rsp
1:	push $0
	push %rdi
	mov $1, %edi
	jmp trap_common

/* One stub of 16 bytes for each vector; those in the list push a code. */
	.balign 16
	.globl trap_stubs
trap_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if vector == 1
	jmp debug_entry
	.else
	.if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || \
	    vector == 21
	.else
	push $0
	.endif
	push %rdi
	mov $vector, %edi
	jmp trap_common
	.endif
	.set vector, vector + 1
	.endr

	.section .note.GNU-stack, "", @progbits
