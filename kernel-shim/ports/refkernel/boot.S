/* SPDX-License-Identifier: MIT */
/*
 * From the PVH entry point to C.
 *
 * QEMU loads the kernel where its program headers say and enters in 32-bit
 * protected mode without paging, EBX pointing to a struct hvm_start_info
 * (Xen's docs/misc/pvh). Memory below 1 GiB is mapped three times in 2 MiB
 * leaves: at its own address, in the direct map, and where the kernel is
 * linked. kernel_map() in kmap.c replaces all this.
 */
#define PHYS(sym) ((sym) - 0xffffffff80000000)

#define CR0_PE 0x1
#define CR0_MP 0x2
#define CR0_NE 0x20
#define CR0_WP 0x10000
#define CR0_PG 0x80000000
#define CR4_PAE 0x20
#define EFER_SCE 0x1
#define EFER_LME 0x100
#define EFER_NXE 0x800

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 8, 18			/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.quad PHYS(boot_entry)

	.section .text.boot, "ax", @progbits
	.code32
	.globl boot_entry
boot_entry:
	cld
	mov $PHYS(boot_stack_top), %esp
	mov %ebx, %ebp			/* start info, kept for kmain() */

	/* The page directory: 512 leaves of 2 MiB. */
	mov $PHYS(boot_pd), %edi
	mov $0x83, %eax			/* present, writable, large */
	mov $512, %ecx
1:	mov %eax, (%edi)
	movl $0, 4(%edi)
	add $0x200000, %eax
	add $8, %edi
	dec %ecx
	jnz 1b
	movl $PHYS(boot_pd) + 3, PHYS(boot_pdpt)
	movl $PHYS(boot_pd) + 3, PHYS(boot_pdpt) + 510 * 8
	movl $PHYS(boot_pdpt) + 3, PHYS(boot_pml4)
	movl $PHYS(boot_pdpt) + 3, PHYS(boot_pml4) + 273 * 8
	movl $PHYS(boot_pdpt) + 3, PHYS(boot_pml4) + 511 * 8

	mov $PHYS(boot_pml4), %eax
	mov %eax, %cr3
	mov $CR4_PAE, %eax
	mov %eax, %cr4
	mov $0xc0000080, %ecx
	rdmsr
	or $EFER_SCE + EFER_LME + EFER_NXE, %eax
	wrmsr
	mov $CR0_PE + CR0_MP + CR0_NE + CR0_WP + CR0_PG, %eax
	mov %eax, %cr0
	lgdt PHYS(boot_gdtr)
	ljmp $0x10, $PHYS(boot_64)

	.code64
boot_64:
	movabs $boot_high, %rax
	jmp *%rax
boot_high:
	mov $0x18, %eax
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	mov $boot_stack_top, %rsp
	mov %ebp, %edi
	xor %ebp, %ebp
	push %rbp
	push %rbp
	call kmain
	ud2

	.section .rodata
	.balign 8
boot_gdt:
	.quad 0, 0
	.quad 0x00af9b000000ffff	/* 0x10: kernel code */
	.quad 0x00cf93000000ffff	/* 0x18: kernel data */
boot_gdtr:
	.word 31
	.long PHYS(boot_gdt)

	.bss
	.balign 4096
boot_pml4:
	.skip 4096
boot_pdpt:
	.skip 4096
boot_pd:
	.skip 4096
	.globl boot_stack
boot_stack:
	.skip 16384
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
