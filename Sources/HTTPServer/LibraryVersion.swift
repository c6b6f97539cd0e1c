// The version of libmicrohttpd, for `doctor`.
internal import CMicroHTTPD

/// What the process really runs with, as the library itself says.
public enum HTTPServerLibrary {
    /// libmicrohttpd's version, such as `0.9.75`.
    public static var version: String { String(cString: MHD_get_version()) }
}
