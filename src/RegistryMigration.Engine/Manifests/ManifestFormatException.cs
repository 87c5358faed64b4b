namespace RegistryMigration.Engine.Manifests;

/// <summary>Bytes are no manifest of a known kind. The message says why; it quotes no more of the content than one value.</summary>
internal sealed class ManifestFormatException(string reason, Exception? inner = null) : FormatException(reason, inner);
