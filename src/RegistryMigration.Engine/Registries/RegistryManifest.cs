using RegistryMigration.Engine.Manifests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

/// <summary>A manifest or index as a registry serves it.</summary>
/// <param name="Digest">The digest that its bytes were checked against.</param>
/// <param name="Content">The bytes.</param>
/// <param name="Document">What they say.</param>
public sealed record RegistryManifest(Digest Digest, ReadOnlyMemory<byte> Content, ManifestDocument Document);
