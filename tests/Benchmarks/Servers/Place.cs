namespace RegistryMigration.Benchmarks.Servers;

/// <summary>Where a tree lies or is copied to.</summary>
internal abstract record Place;

/// <summary>A directory that holds <c>docker/registry/v2</c>.</summary>
/// <param name="Path">Its path.</param>
internal sealed record DirectoryPlace(string Path) : Place;

/// <summary>A bucket.</summary>
/// <param name="Endpoint">The server.</param>
/// <param name="Region">The region to sign for.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="AccessKey">Its owner's access key.</param>
/// <param name="SecretKey">The secret that belongs to it.</param>
internal sealed record S3Place(string Endpoint, string Region, string Bucket, string AccessKey, string SecretKey) : Place;

/// <summary>A container of Swift. The tree lies below <see cref="Root"/>, where docker-registry's driver has it.</summary>
/// <param name="AuthUrl">tempauth's address.</param>
/// <param name="User">The user.</param>
/// <param name="Key">The user's key.</param>
/// <param name="Container">The container.</param>
internal sealed record SwiftPlace(string AuthUrl, string User, string Key, string Container) : Place
{
    /// <summary>What docker-registry's driver puts before every key.</summary>
    public const string Root = "files";
}
