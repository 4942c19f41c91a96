// Asio's TLS and Beast compiled once; every other file sees declarations only.
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
