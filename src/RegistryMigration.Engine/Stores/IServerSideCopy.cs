namespace RegistryMigration.Engine.Stores;

/// <summary>A store whose server copies objects by itself when both ends are its own.</summary>
internal interface IServerSideCopy
{
    /// <summary>Whether <paramref name="source"/> lies at the same endpoint under the same credentials.</summary>
    bool CanCopyFrom(IStore source);

    /// <summary>Copies one object; no byte passes through here, so the caller audits afterwards.</summary>
    /// <param name="source">A store that <see cref="CanCopyFrom"/> agreed to.</param>
    /// <param name="sourceKey">Its key there.</param>
    /// <param name="key">The key here.</param>
    /// <param name="size">The size in bytes, which decides between one request and parts.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    Task CopyFromAsync(IStore source, string sourceKey, string key, long size, CancellationToken cancellationToken);
}
