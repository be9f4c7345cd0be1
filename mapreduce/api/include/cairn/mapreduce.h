// MapReduce jobs in C++. A program defines a mapper and a reducer and ends with Job(...).run:
//
//   #include <cairn/mapreduce.h>
//   namespace mr = cairn::mr;
//
//   struct Words : mr::Mapper<std::string_view, std::uint64_t> {
//     void map(std::uint64_t offset, std::string_view line, auto& out) {
//       mr::forEachWord(line, [&](std::string_view word) { out(word, 1); });
//     }
//   };
//   int main(int argc, char** argv) {
//     return mr::Job("wordcount").map<Words>().combine<mr::Sum>()
//         .reduce<mr::SumReducer<std::string_view, std::uint64_t>>().run(argc, argv);
//   }
//
// Input is text: the key is the line's byte offset in its file, the value the line without its
// end. Output is text: key, TAB, value. `./job --local IN OUT` runs it here, under any debugger;
// `./job IN OUT` submits it.
#pragma once

#include "cairn/mr/combine.h"   // IWYU pragma: export
#include "cairn/mr/context.h"   // IWYU pragma: export
#include "cairn/mr/counters.h"  // IWYU pragma: export
#include "cairn/mr/job.h"       // IWYU pragma: export
#include "cairn/mr/program.h"   // IWYU pragma: export
#include "cairn/mr/text.h"      // IWYU pragma: export
