#include "textflag.h"

// FILL fills an XMM register with the octet c.
#define FILL(c, x) \
	MOVQ $(c*0x0101010101010101), AX \
	MOVQ AX, x \
	PUNPCKLQDQ x, x

// CHECK clears octets of X7 where those at off are not of the alphabet. Adding moves the end of a range to 127, the largest number with a
// sign, so that one comparison tells what lies in it.
#define CHECK(off) \
	MOVOU off(SI), X0 \
	MOVO X0, X1 \
	MOVO X0, X2 \
	POR X8, X1 \
	PADDB X9, X1 \
	PCMPGTB X10, X1 \
	PADDB X11, X2 \
	PCMPGTB X12, X2 \
	PCMPEQB X13, X0 \
	POR X1, X2 \
	POR X2, X0 \
	PAND X0, X7

// func base64Lines76(b []byte, step int) (lines int)
TEXT ·base64Lines76(SB), NOSPLIT, $0-40
	MOVQ b_base+0(FP), SI
	MOVQ b_len+8(FP), CX
	MOVQ step+24(FP), DX
	XORQ R8, R8
	FILL(0x20, X8)         // from capitals to small letters
	FILL((0x7f-0x7a), X9)  // z
	FILL((0x7f-26), X10)
	FILL((0x7f-0x39), X11) // 9
	FILL((0x7f-11), X12)   // down to the slash, which stands before 0
	FILL(0x2b, X13)        // +
line:
	CMPQ CX, DX
	JLT  done
	CMPB -1(SI)(DX*1), $10
	JNE  done
	CMPQ DX, $78
	JNE  check
	CMPB 76(SI), $13
	JNE  done
check:
	PCMPEQB X7, X7
	CHECK(0)
	CHECK(16)
	CHECK(32)
	CHECK(48)
	CHECK(60)
	PMOVMSKB X7, AX
	CMPL AX, $0xffff
	JNE  done
	INCQ R8
	ADDQ DX, SI
	SUBQ DX, CX
	JMP  line
done:
	MOVQ R8, lines+32(FP)
	RET
