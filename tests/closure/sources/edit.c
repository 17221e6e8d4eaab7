/* Needs a library that only a development package brought. What it is linked to is a stub of the same name. */
#include <stdio.h>

void *history_init(void);

#ifdef STUB
void *history_init(void) { return NULL; }
#else
int main(void) {
  puts(history_init() == NULL ? "stub" : "library");
  return 0;
}
#endif
