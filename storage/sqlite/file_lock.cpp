#include "storage/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace xieban::sqlite {

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
  FileLock lock;
  lock.file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.file_ < 0)
    return std::unexpected(Error(Errc::storage, "cannot open " + path.string() + ": " + std::strerror(errno)));
  if (::flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    return std::unexpected(Error(Errc::conflict, "another xieban serves " + path.parent_path().string()));
  }
  return lock;
}

}  // namespace xieban::sqlite
