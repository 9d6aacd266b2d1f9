; first-instruction.asm: ends with the first thing that it does.
        bits    64
        org     0x10000
        out     0xf4, al
