; boot-sector-32.asm: boot-sector.inc for 32-bit benchmarks.
        bits    16
%define mode    32
        %include "boot-sector.inc"
