namespace RegistryMigration.Model;

/// <summary>How to reach an S3 server. What is left out is resolved as the AWS SDK does: environment, shared config, web identity, instance role.</summary>
public sealed record S3Options
{
    /// <summary>The endpoint, <c>https://host:port</c>; null for AWS itself in <see cref="Region"/>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region to sign for; null for the profile's, or <c>us-east-1</c> with an endpoint.</summary>
    public string? Region { get; init; }

    /// <summary>Bucket in the path (true) or in the host name (false); null decides: path with an endpoint, host name with AWS.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>A profile of the shared AWS config and credentials files.</summary>
    public string? Profile { get; init; }

    /// <summary>An explicit access key; needs <see cref="SecretKey"/>.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret key of <see cref="AccessKey"/>.</summary>
    public Secret? SecretKey { get; init; }

    /// <summary>The session token of temporary credentials.</summary>
    public Secret? SessionToken { get; init; }

    /// <summary>The ARN of a role to take on (STS AssumeRole): the credentials above are then those of the user who may. Null for none.</summary>
    public string? RoleArn { get; init; }

    /// <summary>Bytes of one part of a multipart upload; at least 5 MiB, 8 MiB by default. Grows by itself where 10,000 parts would not do.</summary>
    public long PartSize { get; init; } = 8L << 20;

    /// <summary>Objects of at least this many bytes are sent in parts, which a run that was killed does not send again; 16 MiB by default.</summary>
    public long MultipartThreshold { get; init; } = 16L << 20;

    /// <summary>Parts of one object sent at a time.</summary>
    public int PartConcurrency { get; init; } = 4;
}
