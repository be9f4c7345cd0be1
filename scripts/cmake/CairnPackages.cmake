# Third-party libraries, each as one interface target cairn_dep_<name>. Linked statically where
# Debian ships an archive: the shell's commands must start in milliseconds, and a dynamic link to
# a dozen libraries costs more than the whole command.
find_package(Threads REQUIRED)

function(cairn_dep name)
  cmake_parse_arguments(ARG "" "" "LIBS;INCLUDES" ${ARGN})
  add_library(cairn_dep_${name} INTERFACE)
  target_link_libraries(cairn_dep_${name} INTERFACE ${ARG_LIBS})
  if(ARG_INCLUDES)
    target_include_directories(cairn_dep_${name} SYSTEM INTERFACE ${ARG_INCLUDES})
  endif()
endfunction()

# cairn_archive(VAR name): the static archive of a library, or the shared one where there is none.
function(cairn_archive var name)
  find_library(CAIRN_LIB_${name} NAMES lib${name}.a ${name} REQUIRED)
  set(${var} ${CAIRN_LIB_${name}} PARENT_SCOPE)
endfunction()

cairn_archive(KJ kj)
cairn_archive(KJ_ASYNC kj-async)
cairn_archive(CAPNP capnp)
cairn_archive(CAPNP_RPC capnp-rpc)
cairn_archive(ZSTD zstd)
cairn_archive(GLOG glog)
cairn_archive(GFLAGS gflags)
# glog's stack traces. The archive is not position independent, so the shared one.
find_library(CAIRN_LIB_UNWIND NAMES libunwind.so REQUIRED)
set(UNWIND ${CAIRN_LIB_UNWIND})
cairn_archive(LZMA lzma)
cairn_archive(PROTOBUF protobuf)
cairn_archive(ROCKSDB rocksdb)
cairn_archive(SNAPPY snappy)
cairn_archive(LZ4 lz4)
cairn_archive(BZ2 bz2)
cairn_archive(Z z)
cairn_archive(CRYPTO crypto)
cairn_archive(EXPAT expat)

cairn_dep(kj LIBS ${KJ_ASYNC} ${KJ} Threads::Threads)
cairn_dep(capnp LIBS ${CAPNP_RPC} ${CAPNP} cairn_dep_kj cairn_kj_compat)
cairn_dep(zstd LIBS ${ZSTD})
cairn_dep(zlib LIBS ${Z})
cairn_dep(bzip2 LIBS ${BZ2})
cairn_dep(glog LIBS ${GLOG} ${GFLAGS} ${UNWIND} ${LZMA} Threads::Threads)
cairn_dep(protobuf LIBS ${PROTOBUF} Threads::Threads)
cairn_dep(rocksdb LIBS ${ROCKSDB} ${SNAPPY} ${LZ4} ${BZ2} ${Z} ${ZSTD} Threads::Threads dl)
find_library(CAIRN_GTEST NAMES libgtest.a)
find_library(CAIRN_GMOCK NAMES libgmock.a)
find_library(CAIRN_GTEST_MAIN NAMES libgtest_main.a)
cairn_dep(gtest LIBS ${CAIRN_GTEST_MAIN} ${CAIRN_GMOCK} ${CAIRN_GTEST} Threads::Threads)
cairn_dep(crypto LIBS ${CRYPTO} dl)
cairn_dep(expat LIBS ${EXPAT} m)

# The allocator belongs to the binary's link line, never to a library. Sanitizers bring their own.
if(CAIRN_SANITIZE)
  cairn_dep(allocator)
else()
  find_library(CAIRN_JEMALLOC NAMES libjemalloc.a REQUIRED)
  cairn_dep(allocator LIBS ${CAIRN_JEMALLOC} m Threads::Threads dl)
endif()

find_program(CAIRN_CAPNP capnp REQUIRED)
find_program(CAIRN_CAPNPC_CXX capnpc-c++ REQUIRED)
find_program(CAIRN_PROTOC protoc REQUIRED)

# KJ 0.9.2's string header lacks an operator under C++20 and later; generated files need it too.
add_library(cairn_kj_compat INTERFACE)
target_compile_options(cairn_kj_compat INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${CMAKE_SOURCE_DIR}/common/async/kj_compat.h>")

# Makes the order that KJ's mutexes give to threads known to ThreadSanitizer (see the source).
if(CAIRN_SANITIZE MATCHES "thread")
  add_library(cairn_tsan_kj STATIC ${CMAKE_SOURCE_DIR}/common/async/tsan_kj.cc)
  target_link_libraries(cairn_tsan_kj PUBLIC cairn_kj_compat)
  set(timeout "NS_5MaybeINS_8QuantityIlNS0_15NanosecondLabelEEEEENS_18NoopSourceLocationE")
  foreach(method "4lockENS1_11Exclusivity" "4waitERNS1_9Predicate")
    target_link_options(cairn_dep_kj INTERFACE "LINKER:--wrap=_ZN2kj1_5Mutex${method}E${timeout}")
  endforeach()
  target_link_options(cairn_dep_kj INTERFACE
                      "LINKER:--wrap=_ZN2kj1_5Mutex6unlockENS1_11ExclusivityEPNS1_6WaiterE")
  target_link_libraries(cairn_dep_kj INTERFACE cairn_tsan_kj)
endif()
