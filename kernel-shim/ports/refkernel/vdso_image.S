/* SPDX-License-Identifier: MIT */
/* The vDSO as the build made it. */
	.section .rodata
	.balign 16
	.globl vdso_image, vdso_image_end
vdso_image:
	.incbin "vdso.img"
vdso_image_end:

	.section .note.GNU-stack, "", @progbits
