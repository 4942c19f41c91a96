#include "bot/ports/platform.hpp"

#include "bot/ports/stream.hpp"

namespace xieban {

std::unique_ptr<StreamMachine> Platform::make_stream() const { return nullptr; }

}  // namespace xieban
