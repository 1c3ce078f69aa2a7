#include <stddef.h>
#include <stdint.h>

// The toolchain brings libFuzzer, and no header for this part of its documented interface.
int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));
