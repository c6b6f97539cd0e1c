// The version of libcurl, for `doctor`.
internal import CCurl

/// What the process really runs with, as the library itself says.
public enum HTTPClientLibrary {
    /// libcurl's version, such as `7.88.1`.
    public static var version: String {
        guard let information = curl_version_info(CURLVERSION_FIRST), let text = information.pointee.version else {
            return "unknown"
        }
        return String(cString: text)
    }
}
