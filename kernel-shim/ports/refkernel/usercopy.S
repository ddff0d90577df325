/* SPDX-License-Identifier: MIT */
/*
 * The only instructions of the kernel that touch user memory. Each is in the
 * exception table: when a fault cannot be resolved, trap.c goes on at the
 * second address. The callers in user.c have checked the range and opened the
 * window (STAC).
 */
	.macro fixup insn, to
	.pushsection .ex_table, "a"
	.quad \insn, \to
	.popsection
	.endm

	.section .text.usercopy, "ax", @progbits

/* size_t user_copy(void *to, const void *from, size_t n): bytes left. */
	.globl user_copy
user_copy:
	cmp $32, %rdx
	jb 5f
1:	mov (%rsi), %rax
2:	mov 8(%rsi), %rcx
3:	mov 16(%rsi), %r8
4:	mov 24(%rsi), %r9
11:	mov %rax, (%rdi)
12:	mov %rcx, 8(%rdi)
13:	mov %r8, 16(%rdi)
14:	mov %r9, 24(%rdi)
	add $32, %rsi
	add $32, %rdi
	sub $32, %rdx
	cmp $32, %rdx
	jae 1b
	/* What is left, or the 32 bytes that faulted, by words, then bytes. */
5:	cmp $8, %rdx
	jb 9f
15:	mov (%rsi), %rax
16:	mov %rax, (%rdi)
	add $8, %rsi
	add $8, %rdi
	sub $8, %rdx
	jmp 5b
9:	test %rdx, %rdx
	jz 8f
6:	mov (%rsi), %al
7:	mov %al, (%rdi)
	inc %rsi
	inc %rdi
	dec %rdx
	jmp 9b
8:	mov %rdx, %rax
	ret
	fixup 1b, 5b
	fixup 2b, 5b
	fixup 3b, 5b
	fixup 4b, 5b
	fixup 11b, 5b
	fixup 12b, 5b
	fixup 13b, 5b
	fixup 14b, 5b
	fixup 15b, 9b
	fixup 16b, 9b
	fixup 6b, 8b
	fixup 7b, 8b

/*
 * long user_str(char *to, const char *from, size_t max): the length, MAX when
 * there was no NUL, -1 after a fault.
 */
	.globl user_str
user_str:
	xor %eax, %eax
1:	cmp %rdx, %rax
	je 3f
2:	mov (%rsi,%rax), %cl
	mov %cl, (%rdi,%rax)
	test %cl, %cl
	jz 3f
	inc %rax
	jmp 1b
3:	ret
4:	mov $-1, %rax
	ret
	fixup 2b, 4b

/* int user_load(uint32_t *out, const uint32_t *from): 0 or -1. */
	.globl user_load
user_load:
1:	mov (%rsi), %eax
	mov %eax, (%rdi)
	xor %eax, %eax
	ret
2:	mov $-1, %eax
	ret
	fixup 1b, 2b

/* int user_store(uint32_t *to, uint32_t v) */
	.globl user_store
user_store:
1:	mov %esi, (%rdi)
	xor %eax, %eax
	ret
2:	mov $-1, %eax
	ret
	fixup 1b, 2b

/* int user_cmpxchg(uint32_t *at, uint32_t old, uint32_t new, uint32_t *out) */
	.globl user_cmpxchg
user_cmpxchg:
	mov %esi, %eax
1:	lock cmpxchg %edx, (%rdi)
	mov %eax, (%rcx)
	xor %eax, %eax
	ret
2:	mov $-1, %eax
	ret
	fixup 1b, 2b

	.section .note.GNU-stack, "", @progbits
