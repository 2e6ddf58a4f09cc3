/*
 * modules/update/esp32/slots.c by the line, over a board of idf/otadata.c. Each line of the input is a life story of a
 * board, words separated by blanks; of each the answers are printed as a line:
 *
 *   cable, debug     as flashed by cable, with two slots or with one
 *   good, torn       what the other slot holds from now on; spoilt: the running one's image is no longer whole
 *   boot             the slot that starts
 *   states           of the running slot and of the other one
 *   two, forget, activate, confirm, reject
 *   cut=N            the power goes after N bytes more of otadata; refuse=N: the flash refuses after N operations
 *
 * An answer may be "cut" or "restart": the rest of the word was not done. What was planned for the flash is then over.
 */
#include "slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idf/otadata.h"

enum { LINE_MAX = 4096 };

static const char *const STATES[] = {"none", "new", "pending", "valid", "invalid", "aborted", "undefined"};
static const char *const RESULTS[] = {"ok", "bad-image", "flash"};

static const char *yes(bool is) {
    return is ? "yes" : "no";
}

static void act(const char *word) {
    if (strcmp(word, "boot") == 0)
        printf(" %d", boot());
    else if (strcmp(word, "states") == 0)
        printf(" %s,%s", STATES[slots_running()], STATES[slots_other()]);
    else if (strcmp(word, "two") == 0)
        printf(" %s", yes(slots_are_two()));
    else if (strcmp(word, "forget") == 0)
        printf(" %s", yes(slots_forget()));
    else if (strcmp(word, "activate") == 0)
        printf(" %s", RESULTS[slots_activate()]);
    else if (strcmp(word, "confirm") == 0)
        printf(" %s", yes(slots_confirm()));
    else if (strcmp(word, "reject") == 0)
        printf(" %s", yes(slots_reject()));
    else
        exit(2);
}

/* False: the word is one that acts. */
static bool prepare(const char *word) {
    if (strcmp(word, "cable") == 0)
        flash_by_cable(2);
    else if (strcmp(word, "debug") == 0)
        flash_by_cable(1);
    else if (strcmp(word, "good") == 0)
        put_image(true, WHOLE);
    else if (strcmp(word, "torn") == 0)
        put_image(true, TORN);
    else if (strcmp(word, "spoilt") == 0)
        put_image(false, TORN);
    else if (strncmp(word, "cut=", 4) == 0)
        cut_after(strtol(word + 4, NULL, 10));
    else if (strncmp(word, "refuse=", 7) == 0)
        refuse_after(strtol(word + 7, NULL, 10));
    else
        return false;
    return true;
}

int main(void) {
    static char line[LINE_MAX];

    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        for (char *volatile word = strtok(line, " "); word; word = strtok(NULL, " ")) {
            int ended;
            if (prepare(word))
                continue;
            ended = setjmp(out_of_it);
            if (ended == 0)
                act(word);
            else {
                printf(" %s", ended == CUT ? "cut" : "restart");
                cut_after(-1);
                refuse_after(-1);
            }
        }
        cut_after(-1);
        refuse_after(-1);
        printf("\n");
    }
    return 0;
}
