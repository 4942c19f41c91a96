#pragma once
// A transcript: what people do, `----`, what the bot did. tests/scenarios/README.md describes the format.

#include <string>

namespace xieban::testing {

/// The transcript with the expected parts replaced by what happens now. Throws std::runtime_error with the line when it
/// cannot be read.
std::string play(const std::string& transcript);

}  // namespace xieban::testing
