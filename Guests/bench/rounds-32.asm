; rounds-32.asm: integer rounds in protected mode. ESI: how many.
        bits    32
        org     0x10000
%define ax_     eax
%define bx_     ebx
%define si_     esi
%define di_     edi
        %include "rounds.inc"
