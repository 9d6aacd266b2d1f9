/* GNU Readline 8, as Swift can use it. Readline keeps its settings and its line in mutable C
   globals, which Swift 6 rejects as unsafe to share: they are reached through the functions
   below, and only from LineEditor, of which one is in use at a time. */

#ifndef STEPVISOR_CREADLINE_SHIM_H
#define STEPVISOR_CREADLINE_SHIM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <readline/history.h>
#include <readline/readline.h>

/* Readline's terminal mode, but reading returns at once, with nothing if there is nothing. On
   Ctrl-C the kernel throws typed keys away; a read that was about to get them would block. */
static inline void stepvisor_readline_prepare_terminal(int meta) {
    struct termios mode;
    rl_prep_terminal(meta);
    if (rl_instream && tcgetattr(fileno(rl_instream), &mode) == 0) {
        mode.c_cc[VMIN] = 0;
        mode.c_cc[VTIME] = 0;
        tcsetattr(fileno(rl_instream), TCSADRAIN, &mode);
    }
}

/* Readline leaves signals, reading, and the environment's LINES and COLUMNS to us. `name` is
   what "$if" in a user's ~/.inputrc compares; it must live as long as the program. */
static inline void stepvisor_readline_configure(const char *name, rl_getc_func_t *read_key) {
    rl_readline_name = name;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_prep_term_function = stepvisor_readline_prepare_terminal;
    rl_getc_function = read_key;
}

/* The C library's own stream of a standard descriptor, else a new one; null if there is none. */
static inline FILE *stepvisor_stream(int descriptor, const char *mode) {
    switch (descriptor) {
    case 0: return stdin;
    case 1: return stdout;
    case 2: return stderr;
    default: return fdopen(descriptor, mode);
    }
}

/* The streams that readline reads and writes; both must stay open while it is used. */
static inline void stepvisor_readline_set_streams(FILE *input, FILE *output) {
    rl_instream = input;
    rl_outstream = output;
}

/* The line being edited, and the cursor as an offset in bytes. */
static inline const char *stepvisor_readline_line(void) { return rl_line_buffer; }
static inline int stepvisor_readline_cursor(void) { return rl_point; }

static inline void stepvisor_readline_set_completion(
    rl_completion_func_t *complete, rl_compdisp_func_t *display, const char *word_breaks) {
    rl_attempted_completion_function = complete;
    rl_completion_display_matches_hook = display;
    rl_completer_word_break_characters = word_breaks;
    rl_completer_quote_characters = "";
}

/* No file names where our completion has nothing to offer; `appended` follows a unique match
   (0: nothing does). */
static inline void stepvisor_readline_completion_is_final(int appended) {
    rl_attempted_completion_over = 1;
    rl_completion_append_character = appended;
    rl_sort_completion_matches = 0;
}

/* Takes the terminal back after something else had it (a stop, another process). */
static inline void stepvisor_readline_release_terminal(void) {
    if (rl_deprep_term_function) {
        rl_deprep_term_function();
    }
}
static inline void stepvisor_readline_retake_terminal(void) {
    if (rl_prep_term_function) {
        rl_prep_term_function(1);
    }
    rl_on_new_line();
    rl_redisplay();
}

/* Columns of the terminal behind a descriptor, or 0. */
static inline int stepvisor_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

#endif
