#include "textflag.h"

// STEP takes the row of one lane a level down: a = 2a + (key > threshold).
// CMPL x, y sets the carry if x < y.
#define STEP(a, lane) \
	MOVL (SI)(a*8), BP \
	MOVL 4(SI)(a*8), AX \
	CMPL AX, (lane*4)(DX)(BP*4) \
	ADCL a, a

// func walkHeap(heap []cell, trees, depth int, keys []uint32, ends []uint32)
TEXT ·walkHeap(SB), NOSPLIT, $16-88
	MOVQ heap_base+0(FP), SI
	MOVQ depth+32(FP), CX
	MOVQ keys_base+40(FP), DX
	MOVQ ends_base+64(FP), DI
	MOVQ $8, AX
	SHLQ CX, AX
	MOVQ AX, size-8(SP)     // bytes of a tree
	MOVQ trees+24(FP), AX
	MOVQ AX, left-16(SP)    // trees still to walk

tree:
	MOVL $1, R8
	MOVL $1, R9
	MOVL $1, R10
	MOVL $1, R11
	MOVL $1, R12
	MOVL $1, R13
	MOVL $1, R15
	MOVL $1, BX
	MOVQ depth+32(FP), CX

level:
	STEP(R8, 0)
	STEP(R9, 1)
	STEP(R10, 2)
	STEP(R11, 3)
	STEP(R12, 4)
	STEP(R13, 5)
	STEP(R15, 6)
	STEP(BX, 7)
	DECQ CX
	JNZ  level

	MOVL R8, 0(DI)
	MOVL R9, 4(DI)
	MOVL R10, 8(DI)
	MOVL R11, 12(DI)
	MOVL R12, 16(DI)
	MOVL R13, 20(DI)
	MOVL R15, 24(DI)
	MOVL BX, 28(DI)
	ADDQ $32, DI
	ADDQ size-8(SP), SI
	DECQ left-16(SP)
	JNZ  tree
	RET
