using static RegistryMigration.Clusters.Quay.Drivers.SettingType;

namespace RegistryMigration.Clusters.Quay.Drivers;

/// <summary>The drivers of Quay and what their classes take: an argument without default is required, and an unknown one ends Quay's start with a TypeError.</summary>
/// <remarks>quay/quay storage/__init__.py (STORAGE_DRIVER_CLASSES), cloud.py, swift.py, azurestorage.py, local.py, cloudflarestorage.py, akamaistorage.py, multicdnstorage.py.</remarks>
internal static class DriverTable
{
    // cloud.py, S3Storage; deferred_refreshable_credentials is an object of Python that no file can hold.
    private static readonly DriverSetting[] S3 =
    [
        Must("storage_path"), Must("s3_bucket"), May("s3_access_key"), Secret("s3_secret_key"), May("s3_region"),
        May("host"), May("port", Number), May("endpoint_url"), May("maximum_chunk_size_gb", Number), May("minimum_chunk_size_mb", Number),
        Secret("aws_session_token"), May("signature_version"),
    ];

    // The CDN drivers hand all else on to S3Storage, and need a region.
    private static readonly DriverSetting[] S3OfRegion = [.. S3.Where(setting => setting.Name != "s3_region"), Must("s3_region")];

    // cloud.py, RadosGWStorage; RHOCSStorage changes nothing.
    private static readonly DriverSetting[] RadosGateway =
    [
        Must("hostname"), Must("is_secure", Flag), Must("storage_path"), Must("access_key"), MustSecret("secret_key"), Must("bucket_name"),
        May("region_name"), May("signature_version"), May("port", Number), May("minimum_chunk_size_mb", Number), May("maximum_chunk_size_mb", Number),
        May("server_side_assembly", Flag),
    ];

    /// <summary>All drivers, in Quay's order.</summary>
    public static IReadOnlyList<StorageDriver> All { get; } =
    [
        new("LocalStorage", [Must("storage_path")]),
        new("S3Storage", S3),
        new("GoogleCloudStorage",
        [
            Must("storage_path"), Must("access_key"), MustSecret("secret_key"), Must("bucket_name"), May("boto_timeout", Number),
            May("minimum_chunk_size_mb", Number), May("signature_version"),
        ]),
        new("RadosGWStorage", RadosGateway),
        new("SwiftStorage",
        [
            Must("swift_container"), Must("storage_path"), Must("auth_url"), Must("swift_user"), MustSecret("swift_password"),
            May("auth_version", Number), May("os_options", Mapping), May("ca_cert_path"), Secret("temp_url_key"), May("simple_path_concat", Flag),
            May("connect_timeout", Number), May("retry_count", Number), May("retry_on_ratelimit", Flag),
        ]),
        new("CloudFrontedS3Storage",
        [
            Must("cloudfront_distribution_domain"), Must("cloudfront_key_id"), Must("cloudfront_privatekey_filename"),
            May("cloudfront_distribution_org_overrides", Mapping), .. S3OfRegion,
        ]),
        new("AzureStorage",
        [
            Must("azure_container"), Must("storage_path"), Must("azure_account_name"), Secret("azure_account_key"), Secret("sas_token"), May("endpoint_url"),
        ]),
        new("RHOCSStorage", RadosGateway),
        new("CloudFlareStorage", [Must("cloudflare_domain"), Must("cloudflare_privatekey_filename"), .. S3OfRegion]),
        new("MultiCDNStorage", [Must("storage_config", Mapping), Must("providers", Mapping), Must("default_provider"), Must("rules", List)]),
        new("IBMCloudStorage",
        [
            Must("hostname"), Must("is_secure", Flag), Must("storage_path"), Must("access_key"), MustSecret("secret_key"), Must("bucket_name"),
            May("port", Number), May("maximum_chunk_size_mb", Number), May("signature_version"),
        ]),
        new("STSS3Storage",
        [
            Must("storage_path"), Must("s3_bucket"), May("sts_role_arn"), May("sts_user_access_key"), Secret("sts_user_secret_key"), May("s3_region"),
            May("endpoint_url"), May("maximum_chunk_size_gb", Number), May("signature_version"),
        ]),
        new("AkamaiS3Storage", [Must("akamai_domain"), MustSecret("akamai_shared_secret"), .. S3OfRegion]),
    ];

    private static DriverSetting Must(string name, SettingType type = Text) => new(name, type, IsRequired: true, IsSecret: false);

    private static DriverSetting May(string name, SettingType type = Text) => new(name, type, IsRequired: false, IsSecret: false);

    private static DriverSetting MustSecret(string name) => new(name, Text, IsRequired: true, IsSecret: true);

    private static DriverSetting Secret(string name) => new(name, Text, IsRequired: false, IsSecret: true);
}
