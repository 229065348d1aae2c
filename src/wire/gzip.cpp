#include "wire/gzip.h"

#include <zlib.h>

#include <memory>

namespace gantry::wire {

Result<std::string> gunzip(std::string_view compressed, std::size_t max_bytes) {
    z_stream stream{};
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream, kGzipOnly) != Z_OK) return trouble(Errc::exhausted, "No memory to decompress.");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(compressed.size());
    std::string out;
    char buffer[16384];
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer);
        stream.avail_out = sizeof buffer;
        status = inflate(&stream, Z_NO_FLUSH);
        const std::size_t made = sizeof buffer - stream.avail_out;
        if (out.size() + made > max_bytes)
            return trouble(Errc::exhausted, "The decompressed text is too long.");
        out.append(buffer, made);
        if (status == Z_OK && made == 0 && stream.avail_in == 0) break;
    }
    if (status != Z_STREAM_END || stream.avail_in != 0)
        return trouble(Errc::invalid, "The gzip stream is broken.");
    return out;
}

}  // namespace gantry::wire
