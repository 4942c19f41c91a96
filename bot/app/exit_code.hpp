#pragma once
// What the process ends with; the same for every command.

namespace xieban::app::exit_code {

inline constexpr int done = 0;
inline constexpr int no = 1;           // it ran, and the answer is no: faults found, a refusal, an error in the input
inline constexpr int wrong_usage = 2;  // the arguments make no sense
inline constexpr int cannot = 3;       // a file, a port or a store that cannot be used

}  // namespace xieban::app::exit_code
