using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Python's check of a driver's arguments: <c>driver_class(context, **parameters)</c> in storage/__init__.py, signatures of storage/*.py.</summary>
internal static class DriverArguments
{
    private static readonly Dictionary<string, (string[] Required, string[] Optional)> Signatures = new(StringComparer.Ordinal)
    {
        ["LocalStorage"] = (["storage_path"], []),
        ["S3Storage"] = (["storage_path", "s3_bucket"], ["s3_access_key", "s3_secret_key", "s3_region", "host", "port", "endpoint_url", "maximum_chunk_size_gb", "minimum_chunk_size_mb", "aws_session_token", "deferred_refreshable_credentials", "signature_version"]),
        ["STSS3Storage"] = (["storage_path", "s3_bucket"], ["sts_role_arn", "sts_user_access_key", "sts_user_secret_key", "s3_region", "endpoint_url", "maximum_chunk_size_gb", "signature_version"]),
        ["RadosGWStorage"] = (["hostname", "is_secure", "storage_path", "access_key", "secret_key", "bucket_name"], ["region_name", "signature_version", "port", "minimum_chunk_size_mb", "maximum_chunk_size_mb", "server_side_assembly"]),
        ["IBMCloudStorage"] = (["hostname", "is_secure", "storage_path", "access_key", "secret_key", "bucket_name"], ["port", "maximum_chunk_size_mb", "signature_version"]),
        ["GoogleCloudStorage"] = (["storage_path", "access_key", "secret_key", "bucket_name"], ["boto_timeout", "minimum_chunk_size_mb", "signature_version"]),
        ["AzureStorage"] = (["azure_container", "storage_path", "azure_account_name"], ["azure_account_key", "sas_token", "endpoint_url"]),
        ["SwiftStorage"] = (["swift_container", "storage_path", "auth_url", "swift_user", "swift_password"], ["auth_version", "os_options", "ca_cert_path", "temp_url_key", "simple_path_concat", "connect_timeout", "retry_count", "retry_on_ratelimit"]),
        ["FakeStorage"] = ([], []),
    };

    /// <summary>The class that Python takes: an unknown name is FakeStorage, and nobody says so.</summary>
    public static string Class(string driver) => driver == "RHOCSStorage" || Signatures.ContainsKey(driver) ? driver : "FakeStorage";

    /// <summary>Refuses what Python refuses, with its words.</summary>
    /// <exception cref="QuayBootException">An unknown argument, or a missing one.</exception>
    public static void Check(string driver, JsonObject parameters)
    {
        // RHOCSStorage inherits its constructor, and Python names it by where it was written.
        var name = driver == "RHOCSStorage" ? "RadosGWStorage" : driver;
        var (required, optional) = Signatures[name];
        foreach (var (key, _) in parameters)
            if (!required.Contains(key) && !optional.Contains(key))
                throw new QuayBootException($"TypeError: {name}.__init__() got an unexpected keyword argument '{key}'");
        string[] missing = [.. required.Where(key => !parameters.ContainsKey(key)).Select(key => $"'{key}'")];
        if (missing.Length > 0)
            throw new QuayBootException($"TypeError: {name}.__init__() missing {missing.Length} required positional argument{(missing.Length > 1 ? "s" : "")}: {List(missing)}");
    }

    private static string List(string[] names) => names.Length switch
    {
        1 => names[0],
        2 => $"{names[0]} and {names[1]}",
        _ => $"{string.Join(", ", names[..^1])}, and {names[^1]}",
    };
}
