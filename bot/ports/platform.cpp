#include "bot/ports/platform.hpp"

#include "bot/ports/stream.hpp"

namespace xieban {

bool is_last_form(const Outgoing& sent) { return sent.form == Form::text && sent.request.empty(); }

std::unique_ptr<StreamMachine> Platform::make_stream() const { return nullptr; }

}  // namespace xieban
