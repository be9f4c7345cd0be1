#include "common/config/setting_table.h"

#include <algorithm>
#include <array>

#include "common/base/limits.h"
#include "common/base/units.h"

namespace cairn::config {
namespace {

using enum SettingType;

constexpr std::int64_t DAY_MS = 86'400'000;
// A call that is tried again must still be on the namenode's record, or it would be done twice. The
// minute is for the last try to arrive.
constexpr std::int64_t RETRY_BUDGET_MAX_MS = limits::RETRY_RECORD_MS - 60'000;
constexpr std::int64_t SCRUB_PERIOD_MAX_MS = 3660 * DAY_MS;
constexpr std::int64_t KEEP_REMOVED_MAX_MS = 366 * DAY_MS;
constexpr std::int64_t THREADS_MAX = 1024;
constexpr std::int64_t FRAME_CACHE_MAX = 64_GiB;
constexpr std::int64_t TRASH_MINUTES_MAX = 5'256'000;  // ten years
// Sizes without a natural bound: what a number of bytes on one machine cannot reach.
constexpr std::int64_t BYTES_MAX = std::int64_t{1} << 60;

constexpr auto TABLE = std::to_array<SettingSpec>({
    {.key = "cluster.name",
     .type = TEXT,
     .defaultText = "cairn",
     .help = "Name of the cluster, for people. Its identity is given when it is formatted."},

    {.key = "client.namenode",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:8020",
     .help = "Where clients find the namenode."},
    {.key = "client.jobtracker",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:8021",
     .help = "Where clients find the job tracker."},
    {.key = "client.user",
     .type = TEXT,
     .defaultText = "",
     .help = "The user that files are created and checked as. Empty: the system's user."},
    {.key = "client.retry_budget_ms",
     .type = MILLIS,
     .defaultText = "60000",
     .help = "How long a call that the namenode does not answer is tried again, in pauses. 0: it "
             "is not.",
     .max = RETRY_BUDGET_MAX_MS},
    {.key = "client.short_circuit",
     .type = BOOLEAN,
     .defaultText = "true",
     .help = "Read replicas on this machine through a file descriptor that their datanode hands "
             "over, past its process."},
    {.key = "client.frame_cache",
     .type = BYTES,
     .defaultText = "32MiB",
     .help = "Decoded bytes that a client keeps for small positional reads of replicas on this "
             "machine. 0: none.",
     .max = FRAME_CACHE_MAX},
    {.key = "client.work_threads",
     .type = INTEGER,
     .defaultText = "0",
     .help = "Threads that compress and decompress. 0: one a core, at most 4.",
     .max = THREADS_MAX},

    {.key = "fs.replication",
     .type = INTEGER,
     .defaultText = "3",
     .help = "Replicas of each chunk of a new file.",
     .min = 1,
     .max = limits::REPLICATION_MAX},
    {.key = "fs.chunk_size",
     .type = BYTES,
     .defaultText = "128MiB",
     .help = "Plain bytes in a chunk of a new file.",
     .min = limits::CHUNK_SIZE_MIN,
     .max = limits::CHUNK_SIZE_MAX},
    {.key = "fs.chunk_size_min",
     .type = BYTES,
     .defaultText = "1KiB",
     .help = "The smallest chunk size that the namenode lets a client choose.",
     .min = limits::CHUNK_SIZE_MIN,
     .max = limits::CHUNK_SIZE_MAX},
    {.key = "fs.frame_size",
     .type = BYTES,
     .defaultText = "128KiB",
     .help = "Plain bytes that are compressed and checksummed as one. Larger frames compress "
             "better, smaller ones make small reads cheaper.",
     .min = 4_KiB,
     .max = limits::FRAME_SIZE_MAX},
    {.key = "fs.codec",
     .type = TEXT,
     .defaultText = "zstd",
     .help = "Compression of new files. Frames that it does not shrink are kept raw.",
     .choices = "zstd|none"},
    {.key = "fs.zstd_level",
     .type = INTEGER,
     .defaultText = "1",
     .help = "Level of zstd: higher is smaller and slower.",
     .min = -5,
     .max = 19},
    {.key = "fs.umask",
     .type = FILE_MODE,
     .defaultText = "022",
     .help = "Permission bits that new files and directories do not get.",
     .max = 0777},
    {.key = "fs.trash_interval_minutes",
     .type = INTEGER,
     .defaultText = "0",
     .help =
         "For how long 'rm' keeps what it removes in /user/<name>/.Trash, where the namenode and "
         "'expunge' clear it away. The namenode's counts for its clients; where that is 0, their "
         "own. 0 at both: there is no trash, removed is gone.",
     .max = TRASH_MINUTES_MAX},
    {.key = "fs.trash_checkpoint_interval_minutes",
     .type = INTEGER,
     .defaultText = "0",
     .help = "How often the namenode makes a checkpoint of what is in the trash and removes those "
             "older than fs.trash_interval_minutes, which it must not exceed. 0: as often as that.",
     .max = TRASH_MINUTES_MAX},

    {.key = "namenode.address",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:8020",
     .help = "Where the namenode listens. Port 0: any free one."},
    {.key = "namenode.http_address",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:9870",
     .help =
         "Where the namenode shows its pages: /metrics, /healthz, /readyz. Port 0: any free one. "
         "\"none\": nowhere.",
     .emptyAllowed = true,
     .noneAllowed = true},
    {.key = "namenode.dir",
     .type = TEXT,
     .defaultText = "~/.local/share/cairn/namenode",
     .help = "The directory of the namespace. Losing it is losing all files."},
    {.key = "namenode.reserved",
     .type = BYTES,
     .defaultText = "100MiB",
     .help = "With less free space than this in namenode.dir the namenode is in safe mode: it "
             "answers reads and takes no changes. 0: there is no limit.",
     .max = BYTES_MAX},
    {.key = "namenode.safemode_threshold",
     .type = DECIMAL,
     .defaultText = "0.999",
     .help = "Share of the chunks of which a replica must be known before the namenode takes "
             "changes after a start.",
     .max = 1},
    {.key = "namenode.heartbeat_ms",
     .type = MILLIS,
     .defaultText = "3000",
     .help = "How often each datanode reports to be alive.",
     .min = 50,
     .max = 3'600'000},
    {.key = "namenode.datanode_stale_ms",
     .type = MILLIS,
     .defaultText = "30000",
     .help = "A datanode silent for so long is avoided.",
     .min = 100,
     .max = DAY_MS},
    {.key = "namenode.datanode_dead_ms",
     .type = MILLIS,
     .defaultText = "630000",
     .help = "A datanode silent for so long counts as dead.",
     .min = 200,
     .max = 30 * DAY_MS},
    {.key = "namenode.lease_soft_ms",
     .type = MILLIS,
     .defaultText = "60000",
     .help = "A writer silent for so long loses its file to another that wants it. Writers are "
             "told to give a sign of life twice in that time.",
     .min = 1000,
     .max = 30 * DAY_MS},
    {.key = "namenode.lease_hard_ms",
     .type = MILLIS,
     .defaultText = "1200000",
     .help = "The namenode closes the files of a writer silent for so long.",
     .min = 1000,
     .max = 30 * DAY_MS},
    {.key = "namenode.access_time_precision_ms",
     .type = MILLIS,
     .defaultText = "3600000",
     .help = "Reading a file moves its time of access when that is older than this. 0: it never "
             "does.",
     .max = 365 * DAY_MS},
    {.key = "namenode.supergroup",
     .type = TEXT,
     .defaultText = "supergroup",
     .help =
         "The group whose members pass all permission checks, and the group of new files in the "
         "root directory."},
    {.key = "namenode.rack_table",
     .type = TEXT_LIST,
     .defaultText = "",
     .help = "Racks of datanodes by host or address, as \"10.0.0.7=/rack1\". Others are where "
             "namenode.rack_script says, else where datanode.rack says, else in /default-rack."},
    {.key = "namenode.rack_script",
     .type = TEXT,
     .defaultText = "",
     .help = "A program that prints the rack of the host that is its argument, such as /rack1. "
             "Asked once for each host when its datanode registers, for at most 10 s. Empty: there "
             "is none."},
    {.key = "namenode.audit_dir",
     .type = TEXT,
     .defaultText = "",
     .help = "Directory of namenode-audit.log, one line for each operation on files, at most 1 GiB "
             "in all. Empty: log.dir or, without one, the directory audit in namenode.dir. "
             "\"none\": there is none."},
    {.key = "namenode.rpc_threads",
     .type = INTEGER,
     .defaultText = "0",
     .help = "Threads that serve clients' connections. 1: the namenode's own. Above: so many "
             "besides it, which answer reads and pass changes on to it. 0: 1 below 8 cores, else "
             "one for 4 cores, at most 8.",
     .max = 64},
    {.key = "namenode.block_cache",
     .type = BYTES,
     .defaultText = "256MiB",
     .help = "Memory for parts of the namespace that were read lately.",
     .min = 1_MiB,
     .max = BYTES_MAX},

    {.key = "datanode.address",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:8022",
     .help = "Where the datanode listens. Port 0: any free one."},
    {.key = "datanode.advertise_address",
     .type = TEXT,
     .defaultText = "",
     .help = "Where clients and other datanodes reach it: a host, or host:port. Empty: where it "
             "listens, which must be no wildcard such as 0.0.0.0 then."},
    {.key = "datanode.http_address",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:9864",
     .help =
         "Where the datanode shows its pages: /metrics, /healthz, /readyz. Port 0: any free one. "
         "\"none\": nowhere.",
     .emptyAllowed = true,
     .noneAllowed = true},
    {.key = "datanode.namenode",
     .type = ADDRESS,
     .defaultText = "",
     .help = "The namenode it belongs to. Empty: client.namenode.",
     .emptyAllowed = true},
    {.key = "datanode.dirs",
     .type = TEXT_LIST,
     .defaultText = "~/.local/share/cairn/datanode",
     .help = "Its directories, one on each disk. Each is a volume with threads of its own."},
    {.key = "datanode.socket",
     .type = TEXT,
     .defaultText = "",
     .help = "Unix socket on which clients of this machine get file descriptors of replicas. "
             "Empty: datanode.sock in the first directory. \"none\": there is none."},
    {.key = "datanode.threads_per_volume",
     .type = INTEGER,
     .defaultText = "8",
     .help = "Threads that read and write one volume. Those that sync at the same time share the "
             "commits of its file system's journal.",
     .min = 1,
     .max = 64},
    {.key = "datanode.buffer_budget",
     .type = BYTES,
     .defaultText = "256MiB",
     .help = "Memory for data on its way between network and disks. Writers and readers wait when "
             "it is used up.",
     .min = 16_MiB,
     .max = BYTES_MAX},
    {.key = "datanode.reserved",
     .type = BYTES,
     .defaultText = "1GiB",
     .help = "Space on each volume that is left to others.",
     .max = BYTES_MAX},
    {.key = "datanode.keep_removed_ms",
     .type = MILLIS,
     .defaultText = "600000",
     .help = "Replicas that the namenode orders away stay in the volume's directory 'removed' for "
             "so long, as long as there is room: ten minutes. To put them back, start the datanode "
             "with a file 'restore-removed' in the volume's directory. 0: they go at once.",
     .max = KEEP_REMOVED_MAX_MS},
    {.key = "datanode.scrub_period_ms",
     .type = MILLIS,
     .defaultText = "1814400000",
     .help = "All replicas of a volume are read and checked once in so long, in the background: "
             "three weeks. 0: only those are that somebody reads.",
     .max = SCRUB_PERIOD_MAX_MS},
    {.key = "datanode.scrub_bytes_per_second_max",
     .type = BYTES,
     .defaultText = "8MiB",
     .help = "How much of each volume is read for that in a second, at most; 8 MiB are 14 TB in "
             "three weeks.",
     .min = 64_KiB,
     .max = 64_GiB},
    {.key = "datanode.rack",
     .type = TEXT,
     .defaultText = "",
     .help = "Its rack, such as /rack1, unless the namenode's rack_table or rack_script names one. "
             "Empty: /default-rack then."},
    {.key = "datanode.fsync",
     .type = BOOLEAN,
     .defaultText = "true",
     .help = "Whether a file's bytes are on disk before its close is acknowledged. Without it a "
             "power failure loses files that were closed."},

    {.key = "jobtracker.address",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:8021",
     .help = "Where the job tracker listens. Port 0: any free one."},
    {.key = "jobtracker.http_address",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:8088",
     .help = "Where the job tracker shows its pages: /metrics, /healthz, /readyz. Port 0: any free "
             "one. "
             "\"none\": nowhere.",
     .emptyAllowed = true,
     .noneAllowed = true},
    {.key = "jobtracker.namenode",
     .type = ADDRESS,
     .defaultText = "",
     .help = "The namenode of the jobs' files. Empty: client.namenode.",
     .emptyAllowed = true},
    {.key = "jobtracker.dir",
     .type = TEXT,
     .defaultText = "~/.local/share/cairn/jobtracker",
     .help = "The directory of the journal of jobs."},
    {.key = "jobtracker.heartbeat_ms",
     .type = MILLIS,
     .defaultText = "1000",
     .help = "How often each task tracker reports to be alive.",
     .min = 50,
     .max = 3'600'000},
    {.key = "jobtracker.tracker_expiry_ms",
     .type = MILLIS,
     .defaultText = "10000",
     .help = "A task tracker silent for so long is given up, and its tasks run again elsewhere.",
     .min = 200,
     .max = DAY_MS},
    {.key = "jobtracker.locality_delay_ms",
     .type = MILLIS,
     .defaultText = "200",
     .help = "How long a map task may wait for a free place next to its input.",
     .max = 3'600'000},
    {.key = "jobtracker.attempts_max",
     .type = INTEGER,
     .defaultText = "4",
     .help = "A task that failed so often fails its job.",
     .min = 1,
     .max = 100},

    {.key = "tasktracker.address",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:0",
     .help = "Where the task tracker hands out map outputs. Port 0: any free one."},
    {.key = "tasktracker.http_address",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:8042",
     .help = "Where the task tracker shows its pages: /metrics, /healthz, /readyz. Port 0: any "
             "free one. "
             "\"none\": nowhere.",
     .emptyAllowed = true,
     .noneAllowed = true},
    {.key = "tasktracker.jobtracker",
     .type = ADDRESS,
     .defaultText = "",
     .help = "The job tracker it works for. Empty: client.jobtracker.",
     .emptyAllowed = true},
    {.key = "tasktracker.namenode",
     .type = ADDRESS,
     .defaultText = "",
     .help = "The namenode of the jobs' files. Empty: client.namenode.",
     .emptyAllowed = true},
    {.key = "tasktracker.dir",
     .type = TEXT,
     .defaultText = "~/.local/share/cairn/tasktracker",
     .help = "Where tasks run and map outputs lie. On a fast disk with room."},
    {.key = "tasktracker.slots",
     .type = INTEGER,
     .defaultText = "0",
     .help = "Map tasks that run at the same time, and as many reduce tasks. 0: one a core.",
     .max = 1024},
    {.key = "tasktracker.task_memory",
     .type = BYTES,
     .defaultText = "4GiB",
     .help = "Address space of one task; a task that needs more fails. 0: no limit.",
     .max = BYTES_MAX},
    {.key = "tasktracker.task_timeout_ms",
     .type = MILLIS,
     .defaultText = "600000",
     .help = "A task without progress for so long is stopped. 0: never.",
     .max = 30 * DAY_MS},
    {.key = "tasktracker.task_user",
     .type = TEXT,
     .defaultText = "",
     .help = "The user that tasks run as, for a tracker that root runs; tasktracker.dir and the "
             "binary must be within that user's reach. Empty: the tracker's own user; tasks of "
             "root keep root's view of files and no other right."},
    {.key = "tasktracker.datanode",
     .type = ADDRESS,
     .defaultText = "127.0.0.1:8022",
     .help = "The datanode beside it, by the address it registered with the namenode: its chunks "
             "count as local. Empty: none.",
     .emptyAllowed = true},
    {.key = "tasktracker.rack",
     .type = TEXT,
     .defaultText = "",
     .help = "Its rack, such as /rack1. Empty: /default-rack."},

    {.key = "rpc.message_bytes_max",
     .type = BYTES,
     .defaultText = "16MiB",
     .help = "The longest message that is sent or taken.",
     .min = 2_MiB,  // a packet of 1 MiB and what goes with it
     .max = 512_MiB},
    {.key = "rpc.call_bytes_in_flight_max",
     .type = BYTES,
     .defaultText = "64MiB",
     .help = "Calls received from one connection and not yet answered. Reading pauses above it.",
     .min = 2_MiB,
     .max = BYTES_MAX},
    {.key = "rpc.connections_max",
     .type = INTEGER,
     .defaultText = "12000",
     .help = "Connections that a daemon serves; more are turned away.",
     .min = 1,
     .max = 1'000'000},
    {.key = "rpc.handshake_ms",
     .type = MILLIS,
     .defaultText = "5000",
     .help = "A new connection that has not said who it is by then is closed.",
     .min = 10,
     .max = 600'000},

    {.key = "log.dir",
     .type = TEXT,
     .defaultText = "",
     .help = "Directory of the daemons' log files. Empty: they log to stderr."},
    {.key = "log.level",
     .type = TEXT,
     .defaultText = "info",
     .help = "The least grave lines that daemons log.",
     .choices = "info|warning|error"},

    {.key = "security.allow_insecure_bind_beyond_loopback",
     .type = BOOLEAN,
     .defaultText = "false",
     .help = "Let daemons listen on addresses that other machines reach. Nothing authenticates who "
             "connects: everybody who reaches the port can read, change and delete all files, and "
             "run programs as jobs."},
});

constexpr auto ALIASES = std::to_array<EnvironmentAlias>({
    {"CAIRN_NAMENODE", "client.namenode"},
    {"CAIRN_JOBTRACKER", "client.jobtracker"},
    {"HADOOP_USER_NAME", "client.user"},
    {"CAIRN_USER", "client.user"},
});

constexpr auto OTHERS = std::to_array<std::string_view>({
    "CAIRN_CONFIG",  // the configuration file
    "CAIRN_FAULTS",  // common/base/fault.h
    "CAIRN_BINARY",  // the binary that scripts and tests run
    "CAIRN_SEED",    // of a simulator run
    "CAIRN_TEST_",   // switches of the test-suite
    "CAIRN_TASK_",   // what a task tracker tells its tasks
});

}  // namespace

std::span<const SettingSpec> settingTable() { return TABLE; }

std::optional<std::size_t> findSetting(std::string_view key) {
  const auto found = std::ranges::find(TABLE, key, &SettingSpec::key);
  if (found == TABLE.end()) return std::nullopt;
  return static_cast<std::size_t>(found - TABLE.begin());
}

std::string environmentName(std::string_view key) {
  std::string name = "CAIRN_";
  for (const char c : key) {
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

std::span<const EnvironmentAlias> environmentAliases() { return ALIASES; }
std::span<const std::string_view> otherVariables() { return OTHERS; }

}  // namespace cairn::config
