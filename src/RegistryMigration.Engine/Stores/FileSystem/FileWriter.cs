using System.Buffers;
using Microsoft.Win32.SafeHandles;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Writes a file whole, or not at all.</summary>
/// <remarks>
/// Content goes to a temporary name in the same directory; <see cref="FileCommits"/> makes it durable and gives it its name. A write that
/// has returned survives a power cut, as far as the disk keeps its promises; one that has not leaves nothing under the key.
/// </remarks>
internal sealed class FileWriter(FileCalls calls, StoreDirectories directories, LinkResolver links, FileCommits commits, StoreTraffic traffic, string store)
{
    // Larger blocks gained nothing: the page cache takes them at memory speed.
    private const int BlockSize = 128 << 10;

    // Below this, reserving room costs more than it saves.
    private const int PreallocateFrom = 1 << 20;

    /// <summary>Writes the content under a key that was checked already.</summary>
    public async Task<WriteOutcome> WriteAsync(string key, StoreContent content, CancellationToken cancellationToken)
    {
        if (IsTaken(key, content.IfAbsent))
            return WriteOutcome.AlreadyPresent;
        if (content.Bytes is { } bytes)
            return await WriteBlockAsync(key, content, bytes);

        // One byte more than the length, so that content that goes on is noticed.
        var size = (int)Math.Min(BlockSize, content.Length + 1);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            await using var source = await content.OpenAsync(cancellationToken);
            var block = buffer.AsMemory(0, size);
            var read = await source.ReadAtLeastAsync(block, size, throwOnEndOfStream: false, cancellationToken);
            if (read == size)
                return await WriteStreamAsync(key, content, source, block, cancellationToken);
            RequireLength(key, content, read);
            return await WriteBlockAsync(key, content, block[..read]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether the key is in use already; an error where something is there that no object may replace.</summary>
    private bool IsTaken(string key, bool ifAbsent) => Guarded(key, () =>
    {
        // A parent that is a link would lead the look astray; Create reports it.
        if (directories.Check(StoreDirectories.ParentOf(key)) != FileKind.Directory)
            return false;
        switch (calls.Look(directories.PathOf(key)).Kind)
        {
            case FileKind.Directory:
                throw Conflict(key, "a directory is there");
            case FileKind.Special:
                throw Conflict(key, "a pipe, socket or device is there");
            case FileKind.Link when ifAbsent && links.Look(key).Kind != FileKind.File:
                throw Conflict(key, "a link is there that leads out of the store or nowhere");
            case FileKind.Missing:
                return false;
            default:
                return ifAbsent;
        }
    });

    private async Task<WriteOutcome> WriteBlockAsync(string key, StoreContent content, ReadOnlyMemory<byte> block)
    {
        var file = Create(key, content);
        try
        {
            Guarded(key, () =>
            {
                RandomAccess.Write(file.Handle, block.Span, 0);
                return true;
            });
            traffic.CountWritten(block.Length);
        }
        catch
        {
            file.Abandon();
            throw;
        }

        return await FinishAsync(file, content);
    }

    private async Task<WriteOutcome> WriteStreamAsync(string key, StoreContent content, Stream source, Memory<byte> block, CancellationToken cancellationToken)
    {
        var file = Create(key, content);
        try
        {
            var read = block.Length;
            for (long position = 0; read > 0;)
            {
                if (position + read > content.Length)
                    RequireLength(key, content, position + read);
                await WriteAsync(key, file.Handle, block[..read], position, cancellationToken);
                position += read;
                read = await source.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancellationToken);
                if (read == 0)
                    RequireLength(key, content, position);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
        catch
        {
            file.Abandon();
            throw;
        }

        return await FinishAsync(file, content);
    }

    /// <summary>Makes a file durable and gives it its name: together with others where that can be done, by itself elsewhere.</summary>
    private async Task<WriteOutcome> FinishAsync(WrittenFile file, StoreContent content)
    {
        if (commits.IsOpen)
        {
            content.Taken?.Invoke();
            return await commits.AddAsync(file);
        }

        // Flushing waits for the disk: on pool threads, which are few, all transfers would wait with it.
        return await Task.Factory.StartNew(() => commits.CommitAlone(file), CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
    }

    private async ValueTask WriteAsync(string key, SafeFileHandle handle, ReadOnlyMemory<byte> block, long position, CancellationToken cancellationToken)
    {
        try
        {
            await RandomAccess.WriteAsync(handle, block, position, cancellationToken);
            traffic.CountWritten(block.Length);
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            throw FileFailures.From(e, store, key);
        }
    }

    private WrittenFile Create(string key, StoreContent content) => Guarded(key, () => CreateTemporary(key, content.Length, content.IfAbsent));

    private WrittenFile CreateTemporary(string key, long length, bool ifAbsent)
    {
        var directory = StoreDirectories.ParentOf(key);
        for (var attempt = 1; ; attempt++)
        {
            var path = $"{directories.PathOf(directory)}/{TemporaryFiles.NewName()}";
            try
            {
                directories.Create(directory, key, store);
                return new WrittenFile(key, path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length >= PreallocateFrom ? length : 0), ifAbsent);
            }
            catch (IOException e) when (length >= PreallocateFrom && e.HResult == Errno.NoneGiven)
            {
                // The only failure that .NET reports without a number: no room to reserve. It has removed the file.
                throw new IOException(e.Message, Errno.NoSpace);
            }
            catch (Exception e) when (FileFailures.IsMissing(e) && attempt < 5)
            {
                // Removed under us, as a delete or a garbage collection does with empty directories.
                directories.ForgetBranch(directory);
            }
        }
    }

    private T Guarded<T>(string key, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (FileFailures.Is(e))
        {
            throw FileFailures.From(e, store, key);
        }
    }

    private void RequireLength(string key, StoreContent content, long read)
    {
        if (read != content.Length)
            throw new StoreException(StoreErrorKind.Integrity, read < content.Length
                ? $"The content of '{KeyRules.Show(key)}' ended after {read} of {content.Length} bytes; nothing was written. Check the object at its source."
                : $"The content of '{KeyRules.Show(key)}' goes on after its {content.Length} bytes; nothing was written. Check the object at its source.") { Store = store, Key = key };
    }

    private StoreException Conflict(string key, string reason) =>
        new(StoreErrorKind.Conflict, $"'{KeyRules.Show(key)}' can't be written in {store}: {reason}. Remove it if it does not belong there.") { Store = store, Key = key };
}
