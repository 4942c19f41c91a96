#pragma once
#include <string>

namespace xieban::app {

/// "xieban X.Y.Z (COMMIT)".
std::string version_line();

}  // namespace xieban::app
