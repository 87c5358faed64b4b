namespace RegistryMigration.Engine.Tests.Lab;

/// <summary>A user name and its key (Swift's own logins), or an access key and its secret (S3).</summary>
public sealed record LabLogin(string User, string Key);

public sealed record LabAccessKey(string AccessKey, string SecretKey);

public sealed record LabProjectUser(string User, string Password, string Project);

/// <summary>Ceph's gateway. The TLS endpoint's certificate is signed by <c>CaFile</c> for 127.0.0.1 and localhost.</summary>
// Second: A user who has no right to the first one's buckets.
// RoleArn: A role that has, and that the second user may take on; the first may not.
// Swift: The same user's Swift API.
public sealed record CephEndpoints(
    Uri Endpoint, Uri TlsEndpoint, string CaFile, string Region, string AccessKey, string SecretKey, LabAccessKey Second, string RoleArn, CephSwift Swift);

public sealed record CephSwift(Uri AuthUrl, Uri TlsAuthUrl, string User, string Key);

/// <summary>OpenStack Swift with logins of its own. The S3 API takes user and key as access key and secret.</summary>
// Second: The administrator of another account.
// Reader: May read everything in the first account and change nothing.
// WithoutRights: Can log in to the first account, and is refused everything in it.
public sealed record SwiftEndpoints(
    Uri AuthUrl, Uri S3Endpoint, string Region, int TokenLifeSeconds, string User, string Key,
    LabLogin Second, LabLogin Reader, LabLogin WithoutRights);

/// <summary>OpenStack Swift behind Keystone v3. The S3 API takes the EC2 keys.</summary>
// CloudsFile: A clouds.yaml with the clouds `lab` (password) and `lab-app` (application credential).
// SecureFile: The secure.yaml that belongs to it: it holds the secrets.
public sealed record KeystoneEndpoints(
    Uri AuthUrl, Uri StorageUrl, Uri S3Endpoint, string Region, string DomainId, int TokenLifeSeconds,
    string User, string UserId, string Password, string Project, string ProjectId,
    string ApplicationCredentialId, string ApplicationCredentialSecret, string Ec2AccessKey, string Ec2SecretKey,
    LabProjectUser Reader, LabProjectUser Second, string CloudsFile, string SecureFile);

/// <summary>An HTTP proxy with a password. Its log names the hosts it connected to.</summary>
public sealed record ProxyEndpoint(Uri Url, string User, string Password, string LogFile);

public sealed record LabCertificate(string CertificateFile, string KeyFile);

/// <summary>PEM files for tests of TLS. All but <c>SelfSigned</c> are signed by <c>CaFile</c>.</summary>
public sealed record TlsFiles(
    string CaFile, LabCertificate Good, LabCertificate Expired, LabCertificate WrongHost, LabCertificate SelfSigned);
