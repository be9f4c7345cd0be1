// Tells ThreadSanitizer what it cannot see. The system's KJ is not instrumented, so the order that
// its mutexes give to the accesses of several threads is unknown to the sanitizer, and each value
// that one event loop hands to another would look like a race. The linker calls these functions in
// place of KJ's own (scripts/cmake/CairnPackages.cmake); only in the preset `tsan`.
//
// RocksDB is not instrumented either, and hands rows from its writer to its readers without locks:
// what the sanitizer says of its inside is not told.
// Layer: async.  Threads: any.
#include <kj/mutex.h>

using kj::_::Mutex;
using Timeout = kj::Maybe<kj::Duration>;

extern "C" {

// Asked by the sanitizer when a process starts.
const char* __tsan_default_suppressions() { return "race:rocksdb::\n"; }

void __tsan_acquire(void* object);
void __tsan_release(void* object);

bool __real__ZN2kj1_5Mutex4lockENS1_11ExclusivityENS_5MaybeINS_8QuantityIlNS0_15NanosecondLabelEEEEENS_18NoopSourceLocationE(
    Mutex* mutex, Mutex::Exclusivity exclusivity, Timeout timeout,
    kj::LockSourceLocationArg location);
void __real__ZN2kj1_5Mutex6unlockENS1_11ExclusivityEPNS1_6WaiterE(Mutex* mutex,
                                                                  Mutex::Exclusivity exclusivity,
                                                                  void* waiterToSkip);
void __real__ZN2kj1_5Mutex4waitERNS1_9PredicateENS_5MaybeINS_8QuantityIlNS0_15NanosecondLabelEEEEENS_18NoopSourceLocationE(
    Mutex* mutex, Mutex::Predicate& predicate, Timeout timeout, kj::LockSourceLocationArg location);

bool __wrap__ZN2kj1_5Mutex4lockENS1_11ExclusivityENS_5MaybeINS_8QuantityIlNS0_15NanosecondLabelEEEEENS_18NoopSourceLocationE(
    Mutex* mutex, Mutex::Exclusivity exclusivity, Timeout timeout,
    kj::LockSourceLocationArg location) {
  const bool locked =
      __real__ZN2kj1_5Mutex4lockENS1_11ExclusivityENS_5MaybeINS_8QuantityIlNS0_15NanosecondLabelEEEEENS_18NoopSourceLocationE(
          mutex, exclusivity, timeout, location);
  if (locked) __tsan_acquire(mutex);
  return locked;
}

void __wrap__ZN2kj1_5Mutex6unlockENS1_11ExclusivityEPNS1_6WaiterE(Mutex* mutex,
                                                                  Mutex::Exclusivity exclusivity,
                                                                  void* waiterToSkip) {
  __tsan_release(mutex);
  __real__ZN2kj1_5Mutex6unlockENS1_11ExclusivityEPNS1_6WaiterE(mutex, exclusivity, waiterToSkip);
}

// Unlocks while it waits, and holds the mutex again when it returns or throws.
void __wrap__ZN2kj1_5Mutex4waitERNS1_9PredicateENS_5MaybeINS_8QuantityIlNS0_15NanosecondLabelEEEEENS_18NoopSourceLocationE(
    Mutex* mutex, Mutex::Predicate& predicate, Timeout timeout,
    kj::LockSourceLocationArg location) {
  __tsan_release(mutex);
  KJ_DEFER(__tsan_acquire(mutex));
  __real__ZN2kj1_5Mutex4waitERNS1_9PredicateENS_5MaybeINS_8QuantityIlNS0_15NanosecondLabelEEEEENS_18NoopSourceLocationE(
      mutex, predicate, timeout, location);
}

}  // extern "C"
