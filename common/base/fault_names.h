// Every fault point of the program (fault.h), in one list. A name that is not here does not compile
// at the place that uses it. <component>.<operation>.<moment>; add at the end of a component's
// part. Layer: base (std only).
#pragma once

#include <array>
#include <string_view>

namespace cairn {

inline constexpr std::string_view FAULT_NAMES[] = {
    // For the tests of the mechanism itself; stands in no production code.
    "test.first",
    "test.second",

    // namenode: a group of changes on its way to the disk and back to its callers.
    "nn.commit.before_write",
    "nn.commit.after_sync",
    "nn.reply.before_send",
    "nn.reclaim.before_batch",
    "nn.start.before_serve",

    // datanode: one replica being written, finished, read and deleted.
    "dn.write.before_append",
    "dn.write.after_append",
    "dn.forward.before_send",
    "dn.sync.before",
    "dn.finalize.before_sync",
    "dn.finalize.before_rename",
    "dn.finalize.after_rename",
    "dn.finalize.before_report",
    "dn.read.before_send",
    "dn.delete.before_remove",
    "dn.replicate.before_send",

    // client: between the steps of a put and a get.
    "client.create.after",
    "client.chunk.after_add",
    "client.chunk.after_update",
    "client.chunk.before_finish",
    "client.complete.before",

    // job tracker and task tracker.
    "jt.journal.before_write",
    "jt.journal.after_sync",
    "jt.commit.before_promote",
    "jt.commit.after_promote",
    "tt.attempt.before_start",
    "tt.attempt.before_report",
    "tt.shuffle.before_send",
};

inline constexpr std::size_t FAULT_COUNT = std::size(FAULT_NAMES);

}  // namespace cairn
