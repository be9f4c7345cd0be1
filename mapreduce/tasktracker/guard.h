// The process between a task tracker and a task: `cairn task-guard OPTIONS -- PROGRAM ARGS...`.
// Not for people. It applies the limits, starts the program, and makes sure that when it ends no
// process of the task is left: it is their subreaper, so even daemonised ones become its children.
//
// Descriptors it gets: 0 /dev/null, 1 and 2 the task's output, 3 the task's control socket, 4 the
// read end of a pipe whose other end the tracker holds: when that closes (the tracker wants the
// task gone, or is gone itself) everything is killed. It ends as the program ended: with its exit
// code, or by its signal.
//
// The program of a tracker that runs as root keeps root's view of files and no other capability; it
// can gain no privileges, whoever runs the tracker.
//
// What holds: no process of the task survives the guard's orderly end. If the guard itself is
// killed (SIGKILL, the kernel's out-of-memory killer), the program dies with it (PDEATHSIG) and the
// tracker kills the session; processes that had left the session then survive.
#pragma once

namespace cairn::mr {

inline constexpr const char* TASK_GUARD_VERB = "task-guard";

// argv[1] is the verb. Returns only when the arguments are wrong.
int taskGuardMain(int argc, char** argv);

}  // namespace cairn::mr
