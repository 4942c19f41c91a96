#include "tests/net/net_support.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace xieban::test {

namespace asio = boost::asio;

Loop::Loop() : work_(context_.get_executor()), thread_([this] { context_.run(); }) {}
Loop::~Loop() { stop(); }

void Loop::stop() {
  work_.reset();
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void Loop::call(std::function<void()> what) {
  std::promise<void> done;
  asio::post(context_, [&] {
    what();
    done.set_value();
  });
  done.get_future().get();
}

Site::Site(Limits limits, TlsFiles tls) : limits_(limits), tls_(std::move(tls)) {}

Site::~Site() {
  loop.call([this] { server.reset(); });
  loop.stop();
}

void Site::start(const std::string& address) {
  loop.call([&] {
    server = std::make_unique<Server>(loop.executor(), router, limits_, metrics, tls_);
    const auto bound = server->listen(address);
    if (bound) {
      port = *bound;
    } else {
      ADD_FAILURE() << bound.error().text;
    }
  });
}

std::string Site::origin(const std::string& scheme, const std::string& host) const {
  return scheme + "://" + host + ":" + std::to_string(port);
}

std::size_t Site::connections() {
  std::size_t count = 0;
  loop.call([&] { count = server->connections(); });
  return count;
}

bool Site::reaches(std::size_t wanted) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < until) {
    if (connections() == wanted) return true;
    std::this_thread::yield();
  }
  return false;
}

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void set_timeouts(int descriptor) {
  const timeval ten{10, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &ten, sizeof ten);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &ten, sizeof ten);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int bound_socket(std::uint16_t& port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t length = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  port = ntohs(address.sin_port);
  return descriptor;
}

}  // namespace

Peer::Peer(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  set_timeouts(descriptor_);
  const sockaddr_in address = loopback(port);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

Peer::~Peer() { close(); }

void Peer::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Peer::send_slowly(std::string_view bytes) {
  return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(bytes.size());
}

bool Peer::more() {
  char bytes[16384];
  const ssize_t count = ::recv(descriptor_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  held_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string Peer::read_all() {
  while (more()) {
  }
  return std::exchange(held_, {});
}

std::string Peer::read_message(bool head_only) {
  std::size_t end = std::string::npos;
  while ((end = held_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return {};
  }
  std::size_t length = end + 4;
  const std::size_t field = held_.find("Content-Length: ");
  if (!head_only && field < end) length += std::stoul(held_.substr(field + 16));
  while (held_.size() < length) {
    if (!more()) return {};
  }
  std::string message = held_.substr(0, length);
  held_.erase(0, length);
  return message;
}

bool Peer::ended() {
  char byte = 0;
  const ssize_t count = held_.empty() ? ::recv(descriptor_, &byte, 1, 0) : 1;
  if (count < 0) return errno != EAGAIN;
  return count == 0;
}

void Peer::finish() { ::shutdown(descriptor_, SHUT_WR); }

void Peer::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

Script::Script(Play play) : play_(std::move(play)), listener_(bound_socket(port_)) {
  ::listen(listener_, 64);
  acceptor_ = std::thread([this] {
    for (int number = 0;; ++number) {
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) return;
      set_timeouts(descriptor);
      ++connections_;
      players_.emplace_back([this, descriptor, number] {
        Peer peer(descriptor);
        play_(peer, number);
      });
    }
  });
}

Script::~Script() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  for (auto& player : players_) player.join();
}

std::uint16_t dead_port() {
  std::uint16_t port = 0;
  ::close(bound_socket(port));
  return port;
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

bool allow_descriptors(std::size_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return true;
  limit.rlim_cur = std::min<rlim_t>(count, limit.rlim_max);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= count;
}

// -- certificates -----------------------------------------------------------------------------------

namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

Key make_key() {
  char curve[] = "P-256";
  return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}

void extend(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// `issuer` null: signs itself. Valid from `from` to `to`, in seconds from now.
Certificate make_certificate(const char* name, const char* hosts, bool authority, EVP_PKEY* key, X509* issuer,
                             EVP_PKEY* issuer_key, long from, long to) {
  static long serial = 1;
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* const signer = issuer != nullptr ? issuer : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  extend(certificate.get(), signer, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (hosts != nullptr) extend(certificate.get(), signer, NID_subject_alt_name, hosts);
  X509_sign(certificate.get(), issuer_key != nullptr ? issuer_key : key, EVP_sha256());
  return certificate;
}

void write_key(const std::string& path, EVP_PKEY* key) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

void write_certificate(const std::string& path, X509* certificate) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
}

CertificateFiles make_certificates() {
  char name[] = "/tmp/xieban-certificates-XXXXXX";
  CertificateFiles files;
  files.folder = ::mkdtemp(name);
  const auto path = [&](const std::string& file) { return files.folder + "/" + file; };
  constexpr long day = 86400;

  const Key root_key = make_key();
  const Certificate root = make_certificate("Test Root", nullptr, true, root_key.get(), nullptr, nullptr, -day, day);
  files.roots = path("root.pem");
  write_certificate(files.roots, root.get());
  const Key other_key = make_key();
  const Certificate other = make_certificate("Other Root", nullptr, true, other_key.get(), nullptr, nullptr, -day, day);

  const auto leaf = [&](const std::string& stem, const char* hosts, X509* issuer, EVP_PKEY* issuer_key, long from, long to) {
    const Key key = make_key();
    const Certificate certificate = make_certificate("localhost", hosts, false, key.get(), issuer, issuer_key, from, to);
    const TlsFiles made{path(stem + ".pem"), path(stem + ".key")};
    write_certificate(made.certificate, certificate.get());
    write_key(made.key, key.get());
    return made;
  };
  const char* const here = "DNS:localhost,IP:127.0.0.1";
  files.good = leaf("good", here, root.get(), root_key.get(), -day, day);
  files.expired = leaf("expired", here, root.get(), root_key.get(), -2 * day, -day);
  files.wrong_host = leaf("wrong", "DNS:example.com,IP:127.0.0.9", root.get(), root_key.get(), -day, day);
  files.self_signed = leaf("self", here, nullptr, nullptr, -day, day);
  files.unknown_authority = leaf("unknown", here, other.get(), other_key.get(), -day, day);
  return files;
}

}  // namespace

const CertificateFiles& certificates() {
  struct Made : CertificateFiles {
    Made() : CertificateFiles(make_certificates()) {}
    ~Made() {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    }
  };
  static const Made made;
  return made;
}

int status_of(std::string_view message) {
  if (!message.starts_with("HTTP/1.1 ") || message.size() < 12) return 0;
  return std::stoi(std::string(message.substr(9, 3)));
}

bool has_header(std::string_view message, std::string_view line) {
  const std::string_view head = message.substr(0, message.find("\r\n\r\n") + 2);
  return head.find("\r\n" + std::string(line) + "\r\n") != std::string_view::npos;
}

std::string body_of(std::string_view message) {
  const std::size_t end = message.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string() : std::string(message.substr(end + 4));
}

}  // namespace xieban::test
