#pragma once
// One process per store.

#include <filesystem>
#include <utility>

#include "bot/base/error.hpp"

namespace xieban::sqlite {

/// Held while it lives; goes with the process, however that ends.
class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~FileLock();
  /// Errors: conflict (another process holds it), storage.
  static Result<FileLock> take(const std::filesystem::path&);

 private:
  int file_ = -1;
};

}  // namespace xieban::sqlite
