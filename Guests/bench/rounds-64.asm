; rounds-64.asm: integer rounds in 64-bit mode. ESI: how many.
        bits    64
        org     0x10000
%define ax_     rax
%define bx_     rbx
%define si_     rsi
%define di_     rdi
        %include "rounds.inc"
