using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Trial;

/// <summary>A store that a server keeps, and not a directory.</summary>
internal interface IServedStore
{
    /// <summary>Whom to trust on the way to it.</summary>
    TlsOptions Tls { get; }

    /// <summary>The address of the server that objects go to; of Swift, which a login tells.</summary>
    /// <exception cref="StoreException">Nobody tells it.</exception>
    Task<Uri> ServerAsync(CancellationToken cancellationToken);
}
