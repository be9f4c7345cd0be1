# base.capnp: what every interface shares. Fields are only ever added; numbers never reused.
# Sizes in bytes, times in ms since 1970 UTC, unless the name says otherwise.
@0xb565f342ab380042;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cairn::wire");

struct Fault {
  # An expected failure, as data. code = 0: none. Clients decide on the code, never on the text.
  code @0 :UInt16;          # common/base/status.h, the registry
  message @1 :Text;         # for people: what was wrong and what to do
  retryAfterMs @2 :UInt32;  # 0: no hint
}

struct Uuid {
  high @0 :UInt64;
  low @1 :UInt64;
}

struct CallInfo {
  # Who calls, and how a retry of the call is recognised.
  user @0 :Text;
  # The principal. Groups are resolved by the namenode.
  client @1 :Uuid;
  # One life of one client library; also the holder of its leases.
  callId @2 :UInt64;
  # Grows with every call of this client; a retry carries the number of the first try.
  # 0 for calls that are safe to repeat (reads).
  lowestOpenCall @3 :UInt64;
  # No call below this number will be retried any more: its recorded answer may go.
}

struct ChunkRef {
  # One version of a chunk.
  id @0 :UInt64;
  generation @1 :UInt64;  # generation stamp
}

struct NodeAddress {
  # How to reach a datanode, and where it stands.
  node @0 :UInt32;     # NodeId
  address @1 :Text;    # "127.0.0.1:9866", numeric
  socket @2 :Text;     # path of its Unix socket for descriptor hand-over; "" = none
  machine @3 :Text;    # the host's boot id: equal ids mean the socket can be reached
  rack @4 :Text;       # "/default-rack"
}
