#include "textflag.h"

// STEP takes the row of one lane a level down: a = 2a + (key > threshold).
// CMPL x, y sets the carry if x < y.
#define STEP(a, lane) \
	MOVL (SI)(a*8), BP \
	MOVL 4(SI)(a*8), AX \
	CMPL AX, (lane*4)(DX)(BP*4) \
	ADCL a, a

// END stores the leaf that a lane came to.
#define END(a, to) \
	MOVL (BP)(a*4), AX \
	MOVL AX, to(DI)

// func walkHeap(heap []cell, ends []uint32, depth int, keys []uint32, leaves []uint32)
TEXT ·walkHeap(SB), NOSPLIT, $24-104
	MOVQ heap_base+0(FP), SI
	MOVQ ends_base+24(FP), BP
	MOVQ depth+48(FP), CX
	MOVQ keys_base+56(FP), DX
	MOVQ leaves_base+80(FP), DI
	MOVQ $4, AX
	SHLQ CX, AX
	MOVQ AX, size-8(SP)     // cells of a tree, times four
	SUBQ AX, BP             // ends are counted from the size up
	MOVQ BP, ends-16(SP)
	MOVQ leaves_len+88(FP), AX
	SHRQ $3, AX
	MOVQ AX, left-24(SP)    // trees still to walk

tree:
	MOVL $1, R8
	MOVL $1, R9
	MOVL $1, R10
	MOVL $1, R11
	MOVL $1, R12
	MOVL $1, R13
	MOVL $1, R15
	MOVL $1, BX
	MOVQ depth+48(FP), CX

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

	MOVQ ends-16(SP), BP
	END(R8, 0)
	END(R9, 4)
	END(R10, 8)
	END(R11, 12)
	END(R12, 16)
	END(R13, 20)
	END(R15, 24)
	END(BX, 28)
	ADDQ $32, DI
	MOVQ size-8(SP), AX
	ADDQ AX, BP
	MOVQ BP, ends-16(SP)
	LEAQ (SI)(AX*2), SI
	DECQ left-24(SP)
	JNZ  tree
	RET

// FOUR gathers one column of four rows, R8 to R11, into X0 to X3 and then X0, makes
// keys of them and stores these. X7 collects the values above the limit in X6.
#define FOUR(r0, r1, r2, r3, to) \
	MOVSS (r0)(BX*4), X0 \
	MOVSS (r1)(BX*4), X1 \
	MOVSS (r2)(BX*4), X2 \
	MOVSS (r3)(BX*4), X3 \
	UNPCKLPS X1, X0 \
	UNPCKLPS X3, X2 \
	MOVLHPS X2, X0 \
	MOVO X0, X1 \
	MOVO X0, X2 \
	PSRAL $31, X1 \
	PAND X4, X2 \
	POR X5, X1 \
	PCMPGTL X6, X2 \
	PXOR X1, X0 \
	POR X2, X7 \
	MOVOU X0, to(DI)

// func keysOf(x []float32, stride int, columns []uint16, limit uint32, keys []uint32) (beyond uint32)
TEXT ·keysOf(SB), NOSPLIT, $8-92
	MOVQ x_base+0(FP), R8
	MOVQ stride+24(FP), AX
	MOVQ columns_base+32(FP), SI
	MOVQ columns_len+40(FP), CX
	MOVQ keys_base+64(FP), DI
	SHLQ $2, AX             // bytes of a row
	LEAQ (R8)(AX*1), R9
	LEAQ (R9)(AX*1), R10
	LEAQ (R10)(AX*1), R11
	LEAQ (R11)(AX*1), R12
	LEAQ (R12)(AX*1), R13
	LEAQ (R13)(AX*1), R15
	LEAQ (R15)(AX*1), DX
	MOVL $0x7fffffff, AX
	MOVQ AX, X4
	PSHUFD $0, X4, X4
	MOVL $0x80000000, AX
	MOVQ AX, X5
	PSHUFD $0, X5, X5
	MOVL limit+56(FP), AX
	MOVQ AX, X6
	PSHUFD $0, X6, X6
	PXOR X7, X7

column:
	MOVWLZX (SI), BX
	FOUR(R8, R9, R10, R11, 0)
	FOUR(R12, R13, R15, DX, 16)
	ADDQ $2, SI
	ADDQ $32, DI
	DECQ CX
	JNZ  column

	PMOVMSKB X7, AX
	MOVL AX, beyond+88(FP)
	RET

// func sumLeaves(dists []uint64, leaves []uint32, words int, sums []uint64)
TEXT ·sumLeaves(SB), NOSPLIT, $0-80
	MOVQ dists_base+0(FP), SI
	MOVQ leaves_base+24(FP), R8
	MOVQ leaves_len+32(FP), R9
	MOVQ words+48(FP), R10
	MOVQ sums_base+56(FP), DI
	LEAQ (R8)(R9*4), R9     // end of the leaves
	MOVQ $8, CX
	SHLQ $3, R10            // bytes of a sum

row:
	MOVOU 0(DI), X0
	MOVOU 16(DI), X1
	MOVOU 32(DI), X2
	MOVQ R8, DX

leaf:
	MOVL (DX), AX
	MOVOU 0(SI)(AX*8), X3
	MOVOU 16(SI)(AX*8), X4
	MOVOU 32(SI)(AX*8), X5
	PADDQ X3, X0
	PADDQ X4, X1
	PADDQ X5, X2
	ADDQ $32, DX
	CMPQ DX, R9
	JCS  leaf

	MOVOU X0, 0(DI)
	MOVOU X1, 16(DI)
	MOVOU X2, 32(DI)
	ADDQ R10, DI
	ADDQ $4, R8
	DECQ CX
	JNZ  row
	RET
