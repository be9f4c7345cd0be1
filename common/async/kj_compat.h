// Force-included everywhere: the one operator that kj/string.h of KJ 0.9.2 hides from C++20 and
// later, without which capnp/blob.h does not compile.
#pragma once
#ifdef __cplusplus
#if __has_include(<kj/string.h>)
#include <kj/string.h>
#if defined(__cpp_impl_three_way_comparison)
namespace kj {
// Calls the member: `b == a` would pick this candidate reversed and recurse.
inline bool operator==(const char* a, const StringPtr& b) { return b.operator==(StringPtr(a)); }
}  // namespace kj
#endif
#endif
#endif
