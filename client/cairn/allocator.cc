// How jemalloc is to behave in the binary; it reads this variable at its start. MALLOC_CONF in the
// environment still has the last word.
//
// The namenode's loop serves calls in bursts: all of a burst's small objects are made, then all are
// freed. jemalloc's default of at most 200 objects of a size in a thread's cache is less than a
// burst of 64 calls takes, and each overflow goes to the arena and back: 3 of 100 instructions of a
// create. Cost: up to some 3 MB a thread that has used them.
extern "C" {
// NOLINTNEXTLINE(readability-identifier-naming): jemalloc's name.
const char* malloc_conf = "tcache_nslots_small_max:1000,lg_tcache_nslots_mul:3";
}
