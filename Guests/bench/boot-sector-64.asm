; boot-sector-64.asm: boot-sector.inc for 64-bit benchmarks.
        bits    16
%define mode    64
        %include "boot-sector.inc"
