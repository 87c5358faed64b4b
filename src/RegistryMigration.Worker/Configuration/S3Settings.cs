using RegistryMigration.Model;

namespace RegistryMigration.Worker.Configuration;

/// <summary>How to reach an S3 server; what is left out the AWS SDK resolves (<c>AWS_…</c>, shared config, web identity, instance role).</summary>
internal sealed class S3Settings : SettingGroup
{
    private readonly Setting<Uri> _endpoint;
    private readonly Setting<bool> _pathStyle;
    private readonly Setting<string> _profile;
    private readonly Setting<string> _accessKey;
    private readonly SecretSetting _secretKey;
    private readonly SecretSetting _sessionToken;
    private readonly Setting<string> _roleArn;
    private readonly Setting<long> _partSize;
    private readonly Setting<long> _multipartThreshold;
    private readonly Setting<int> _partConcurrency;

    public S3Settings(string role)
    {
        _endpoint = Value($"{role}-endpoint", "S3: https://host:port of the server; AWS itself unless given", SettingParsers.HttpAddress);
        _pathStyle = Flag($"{role}-path-style", "S3: the bucket in the path (true) or in the host name (false); with an endpoint in the path unless given");
        _profile = Value($"{role}-profile", "S3: a profile of the shared AWS files", SettingParsers.Text);
        _accessKey = Value($"{role}-access-key", "S3: the access key", SettingParsers.Text);
        _secretKey = Secret($"{role}-secret-key", "S3: the secret key");
        _sessionToken = Secret($"{role}-session-token", "S3: the token of temporary credentials");
        _roleArn = Value($"{role}-role-arn", "S3: the ARN of a role to take on (STS); the keys are then those of the user who may", SettingParsers.Text);
        _partSize = Value($"{role}-part-size", "S3: bytes of one part of a large object (8MiB)", SettingParsers.Size);
        _multipartThreshold = Value($"{role}-multipart-threshold", "S3: objects from this size on go in parts (16MiB)", SettingParsers.Size);
        _partConcurrency = Value($"{role}-part-concurrency", "S3: parts of one object at a time (4)", SettingParsers.Integer());
    }

    /// <summary>The options as they were given.</summary>
    public S3Options Read(SettingValues values, string? region)
    {
        var defaults = new S3Options();
        return new S3Options
        {
            Endpoint = values.Find(_endpoint),
            Region = region,
            PathStyle = values.FindValue(_pathStyle),
            Profile = values.Find(_profile),
            AccessKey = values.Find(_accessKey),
            SecretKey = values.Find(_secretKey),
            SessionToken = values.Find(_sessionToken),
            RoleArn = values.Find(_roleArn),
            PartSize = values.Get(_partSize, defaults.PartSize),
            MultipartThreshold = values.Get(_multipartThreshold, defaults.MultipartThreshold),
            PartConcurrency = values.Get(_partConcurrency, defaults.PartConcurrency),
        };
    }
}
