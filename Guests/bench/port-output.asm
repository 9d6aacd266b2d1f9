; port-output.asm: writes to a port that nobody claims. ESI: how many.
        bits    64
        org     0x10000
        mov     ecx, esi
next:   out     0x80, al
        dec     ecx
        jnz     next
        xor     eax, eax
        %include "end.inc"
