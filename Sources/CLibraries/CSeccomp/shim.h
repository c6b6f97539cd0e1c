// What the Sandbox room sees of libseccomp: its headers, and shims for what Swift cannot import.
#pragma once
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

// Provided because the actions are macros with casts.
static inline uint32_t shim_seccomp_allow(void) { return SCMP_ACT_ALLOW; }
static inline uint32_t shim_seccomp_errno(uint16_t code) { return SCMP_ACT_ERRNO(code); }
static inline uint32_t shim_seccomp_kill(void) { return SCMP_ACT_KILL_PROCESS; }

// Provided because seccomp_rule_add_exact is variadic: one comparison of one argument under a mask.
static inline int shim_seccomp_add(scmp_filter_ctx filter, uint32_t action, int call) {
    return seccomp_rule_add_array(filter, action, call, 0, NULL);
}
static inline int shim_seccomp_add_masked(
    scmp_filter_ctx filter, uint32_t action, int call, unsigned argument, uint64_t mask, uint64_t value) {
    struct scmp_arg_cmp comparison = {argument, SCMP_CMP_MASKED_EQ, mask, value};
    return seccomp_rule_add_array(filter, action, call, 1, &comparison);
}
