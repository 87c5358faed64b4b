namespace RegistryMigration.Model;

/// <summary>A key with which a Quay signs. One that is read-only can't make it in its database, and has to be given one that is there already.</summary>
/// <param name="Id">The key's id (kid).</param>
/// <param name="PrivateKey">The private key as PEM.</param>
public sealed record QuayServiceKey(string Id, Secret PrivateKey);
