namespace RegistryMigration.Engine.Stores.Swift.Objects;

/// <summary>One entry of a container listing.</summary>
/// <param name="Name">The name below the root that was asked for; a level's prefix where a delimiter was given.</param>
/// <param name="Bytes">The size as listed: 0 for a dynamic large object.</param>
/// <param name="Hash">The MD5 of the content; of something else for a static large object, which has it null here.</param>
/// <param name="LastModified">When it was written.</param>
internal readonly record struct ListedObject(string Name, long Bytes, string? Hash, DateTimeOffset? LastModified);
