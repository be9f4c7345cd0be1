#include "tests/sim/reach.h"

namespace cairn::sim {

std::string_view nameOf(Reached what) {
  switch (what) {
    case Reached::DIES_IN_SET_UP: return "writers that died in set-up";
    case Reached::DIES_IN_MIDDLE: return "writers that died in the middle";
    case Reached::DIES_AFTER_FLUSH: return "writers that died after a flush";
    case Reached::DIES_AT_CLOSE: return "writers that died at close";
    case Reached::DIES_IN_APPEND: return "writers that died in an append";
    case Reached::REBUILT_IN_SET_UP: return "pipelines rebuilt in set-up";
    case Reached::REBUILT_IN_MIDDLE: return "pipelines rebuilt in the middle";
    case Reached::REBUILT_AT_CLOSE: return "pipelines rebuilt at close";
    case Reached::NODE_ADDED: return "rebuilds that asked for another node";
    case Reached::SHOWN_NOT_ACKNOWLEDGED:
      return "pipelines whose first node died with an acknowledgement";
    case Reached::WRITER_DIES_AFTER_REBUILD: return "and whose writers died with the next one";
    case Reached::NODE_DIES_AFTER_REBUILD: return "and of which another node died then";
    case Reached::APPEND_AT_FRAME_BORDER: return "appends at a frame border";
    case Reached::APPEND_BESIDE_FRAME_BORDER: return "appends a byte beside a frame border";
    case Reached::APPEND_AT_CHUNK_BORDER: return "appends at a chunk border";
    case Reached::APPEND_NODE_DOWN: return "appends with a datanode down";
    case Reached::FLUSH_BESIDE_FRAME_BORDER: return "flushes within a byte of a frame border";
    case Reached::LEASE_RECOVERED: return "leases recovered by a call";
    case Reached::LEASE_TAKEN_OVER: return "leases taken over by an append";
    case Reached::CHUNK_RECOVERED: return "chunk recoveries ordered";
    case Reached::COPIES_HELD: return "all copies of dead writers' flushed bytes looked for";
    case Reached::FLUSHED_BYTES_HELD: return "dead writers' flushed bytes looked for";
    case Reached::SHOWN_BYTES_HELD: return "dead writers' bytes that were shown looked for";
    case Reached::FOLLOWED: return "looks again at the end of a file being written";
    case Reached::COPY_ORDERED: return "copies ordered of chunks that had too few";
    case Reached::SURPLUS_ORDERED: return "surplus copies ordered away";
    case Reached::COPY_LOST: return "ordered copies that failed";
    case Reached::COPIES_RIGHT: return "files with as many copies as wanted";
    case Reached::SCRUB_PASS: return "volumes scrubbed to their end";
    case Reached::SCRUB_DAMAGE: return "damaged replicas found by scrubbing";
    case Reached::TRUNCATE_IN_CHUNK: return "truncates inside a chunk";
    case Reached::TRUNCATE_AT_BORDER: return "truncates at a border";
    case Reached::TRUNCATE_NODE_DOWN: return "truncates with a datanode down";
    case Reached::DISK_FULL: return "writes that a full disk refused";
    case Reached::WRITER_MET_FULL_DISK: return "writers told of a full disk";
    case Reached::START_ON_FULL_DISK: return "datanodes started on a full disk";
    case Reached::VOLUME_FAILS: return "volumes that failed alone";
    case Reached::VOLUMES_FAIL_UNDER_WRITER: return "flushed chunks all of whose volumes failed";
    case Reached::START_WITHOUT_VOLUME: return "datanodes started without one of their volumes";
    case Reached::RESTART_WITH_WRITERS: return "namenode restarts with writers at work";
    case Reached::RESTART_WITH_RECOVERIES: return "namenode restarts with recoveries open";
    case Reached::COUNT: break;
  }
  return "";
}

}  // namespace cairn::sim
