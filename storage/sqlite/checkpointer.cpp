#include "storage/sqlite/checkpointer.hpp"

#include "bot/base/log.hpp"

namespace xieban::sqlite {

void Checkpointer::run() {
  try {
    if (!db_) {
      db_.emplace(path_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
      db_->exec("PRAGMA wal_autocheckpoint = 0");
    }
    db_->exec("PRAGMA wal_checkpoint(PASSIVE)");
  } catch (const SQLite::Exception& error) {
    log::warn("store.checkpoint_failed", {{"why", error.what()}});
    db_.reset();
  }
  busy_.store(false);
}

}  // namespace xieban::sqlite
