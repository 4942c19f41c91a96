// xieban-commits: how often the disk under a folder makes 4 KiB and 64 KiB durable, over space already written.
// Prints one JSON line with microseconds per write + fdatasync.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

double median_us(int file, std::size_t bytes) {
  const std::string block(bytes, 'x');
  std::vector<double> times;
  for (int i = 0; i < 500; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto offset = static_cast<off_t>((static_cast<std::size_t>(i) * bytes) % (8U << 20U));
    if (pwrite(file, block.data(), block.size(), offset) != static_cast<ssize_t>(bytes) || fdatasync(file) != 0) return -1;
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = std::string(argc > 1 ? argv[1] : ".") + "/commits.bin";
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_TRUNC, 0600);
  if (file < 0 || ftruncate(file, 8 << 20) != 0) return 3;
  const std::string zeros(8U << 20U, '\0');
  if (pwrite(file, zeros.data(), zeros.size(), 0) < 0 || fdatasync(file) != 0) return 3;
  const double small = median_us(file, 4096);
  const double large = median_us(file, 65536);
  close(file);
  unlink(path.c_str());
  const nlohmann::json result = {{"sync_4k_us", small}, {"sync_64k_us", large}, {"syncs_per_second", 1e6 / small}};
  std::cout << result.dump() << std::endl;
}
