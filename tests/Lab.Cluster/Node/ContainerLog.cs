using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace RegistryMigration.Lab.Cluster;

/// <summary>What a container said: a file with the time before each line, as a kubelet keeps it.</summary>
internal sealed class ContainerLog(string file) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StreamWriter _writer = new(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    private TaskCompletionSource _more = New();

    /// <summary>Whether the container has ended.</summary>
    public bool Ended { get; private set; }

    /// <summary>Adds a line.</summary>
    public void Write(string line)
    {
        lock (_lock)
        {
            if (Ended)
                return;
            _writer.WriteLine($"{Now()} {line}");
            Signal();
        }
    }

    /// <summary>The last lines, at most 2048 bytes.</summary>
    public async Task<string> TailAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await foreach (var (_, text) in ReadAsync(false, cancellationToken))
            lines.Add(text);
        var tail = string.Join('\n', lines.TakeLast(80));
        return tail.Length <= 2048 ? tail : tail[^2048..];
    }

    /// <summary>Time and text of each line; with follow until the container ends.</summary>
    public async IAsyncEnumerable<(string Time, string Text)> ReadAsync(bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.UTF8);
        while (true)
        {
            Task more;
            bool ended;
            lock (_lock)
            {
                more = _more.Task;
                ended = Ended;
            }
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
                yield return (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            if (!follow || ended)
                yield break;
            await more.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Nothing more will be said.</summary>
    public void End()
    {
        lock (_lock)
        {
            Ended = true;
            _writer.Dispose();
            Signal();
        }
    }

    /// <inheritdoc />
    public void Dispose() => End();

    /// <summary>The time as logs write it.</summary>
    public static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private void Signal()
    {
        var told = _more;
        _more = New();
        told.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
